"""Failures that can be caused in a sandbox, one file each."""
