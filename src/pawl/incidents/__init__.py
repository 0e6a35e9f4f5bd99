"""Incidents: what broke, who commanded, and what changed so that it does not break again."""
