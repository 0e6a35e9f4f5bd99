"""Who may decide, by which order of concerns, what may be set aside, and what was decided."""
