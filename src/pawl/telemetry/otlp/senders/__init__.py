"""Senders of telemetry, one file each, exposing SENDER; see `pawl.telemetry.otlp.sender`."""
