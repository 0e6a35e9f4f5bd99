"""Does an agent still behave: cases, records of trials, and what graders make of the two."""
