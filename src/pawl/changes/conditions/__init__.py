"""One condition a file: a claim that must hold of a change before it ships."""
