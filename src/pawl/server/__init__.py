"""The HTTP server: pages for people, JSON for programs, health for machines."""
