"""What a CI configuration would do: pipelines, jobs, steps, and which of their commands bite."""
