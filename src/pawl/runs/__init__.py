"""Running an agent inside limits: specification, limits, loops, supervision, outcome, agents."""
