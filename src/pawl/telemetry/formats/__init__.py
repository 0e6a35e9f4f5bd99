"""What local transcripts look like, one product or log a file; see `pawl.telemetry.format`."""
