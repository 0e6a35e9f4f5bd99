"""The rules: one small file a condition, each exposing `RULE`."""
