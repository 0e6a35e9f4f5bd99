"""Ways to bring a change about and to take it back, one small file each; named in a manifest."""
