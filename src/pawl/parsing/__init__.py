"""Pure readers of text: shells, code, configuration, prose. They know nothing of facts."""
