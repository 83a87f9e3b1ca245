"""Tests that span services."""
