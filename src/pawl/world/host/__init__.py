"""Code hosts: what is asked of each product, and the asking."""
