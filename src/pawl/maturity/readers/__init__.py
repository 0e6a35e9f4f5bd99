"""Readers of exported reports: one file a format, text in, facts out.

Each raises BadFile, naming the report, for text that is not what the format says. Reports are
hostile: sizes are bounded, documents that declare entities are refused, nothing is fetched.
"""
