"""OTLP as agents send it: bytes of logs, metrics and traces in, canonical events out.

`reading.read` decodes one export request and hands each record to the sender that made it;
`answer` writes what OTLP wants to hear back. Nothing here knows of HTTP.
"""
