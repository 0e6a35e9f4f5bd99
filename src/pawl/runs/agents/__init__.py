"""The agents Pawl can run: one file each, discovered by name; none knows another."""
