"""Looks at facts that several probes or detectors share."""
