"""Pawl operates AI agents in production and keeps every gain."""

__version__ = "0.1.0"
