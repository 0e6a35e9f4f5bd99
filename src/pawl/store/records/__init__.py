"""Records of decisions: the hash-chained ledger and the tables rebuilt from it."""

FILE_NAME = "records.sqlite"
"""The records' file in the data folder; whoever only asks whether there is one imports no more."""
