"""JSON for programs: the same objects as the command line prints."""
