"""Checks and generators of the workspace. Nothing here is shipped."""
