"""The two stores and the spool: records of decisions, events of telemetry."""
