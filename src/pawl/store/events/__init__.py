"""Telemetry events and their rollups, in an embedded engine with one owner."""
