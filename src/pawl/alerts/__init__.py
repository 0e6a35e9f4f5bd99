"""What needs attention now: budgets, the conditions of alerts, and where their notices go."""
