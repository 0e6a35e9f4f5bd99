"""Channels that notices go to, one small file each; the file's name is the `kind` in the config."""
