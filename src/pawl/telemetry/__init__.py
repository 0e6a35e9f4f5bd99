"""What agents did and what it cost: events, usage, prices, reconciliation, attribution."""
