"""Where checkpoints of the ledger are kept, one file each."""
