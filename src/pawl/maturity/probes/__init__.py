"""One file a claim; each exposes `PROBE`. The file's name reads as what is claimed."""
