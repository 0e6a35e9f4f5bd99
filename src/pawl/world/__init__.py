"""The world outside: processes, signals, git, CI, files, the clock. Only `app` imports it."""
