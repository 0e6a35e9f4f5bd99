"""One file a rule: what is wrong with an asset. Each exposes `RULE`; its file name is its id."""
