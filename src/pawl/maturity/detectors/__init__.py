"""One file a way of looking better than the work is; each exposes `DETECTOR`."""
