"""Use cases: load, decide, save, tell. What they need they are handed by the composition root."""
