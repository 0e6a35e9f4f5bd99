"""The patterns of pipelines: one small file each, with a template for every host beside it."""
