"""Pipelines that put agents into CI in their safe form: a pattern, a host, options in; text out."""
