"""Values as text: tables, JSON and the like. Pure."""
