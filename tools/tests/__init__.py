"""Tests of the checks and generators of the workspace."""
