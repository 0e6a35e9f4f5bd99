"""The command line: parse, call a service, render, answer with an exit code."""
