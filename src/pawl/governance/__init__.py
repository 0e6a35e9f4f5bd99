"""Who may decide, what was decided: the ledger's entries and their chain."""
