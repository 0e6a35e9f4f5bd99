"""Looks at a whole tree: one file a survey."""
