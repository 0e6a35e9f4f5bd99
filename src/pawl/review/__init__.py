"""Reviewing a change: its diff, what an agent said of it, and what of that a person should see."""
