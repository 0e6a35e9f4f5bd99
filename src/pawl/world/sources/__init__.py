"""Sources of evidence, one file each."""
