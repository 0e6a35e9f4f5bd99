"""One file a kind of content that probes look into; each exposes `EXTRACT`."""
