"""Words every domain shares: errors, money, time, ids, findings, strict loading, discovery."""
