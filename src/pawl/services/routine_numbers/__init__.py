"""What each routine looks at: one file a routine, found by its name.

The id is the routine's, so a routine of a team's own that has no file here opens with its checklist
alone.
"""
