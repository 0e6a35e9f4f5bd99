"""What probably caused an incident, from evidence that can be looked up again."""
