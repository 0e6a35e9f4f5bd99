"""Records of decisions: the hash-chained ledger and the tables rebuilt from it."""
