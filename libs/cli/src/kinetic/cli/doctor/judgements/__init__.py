"""What answers mean: pure functions from what was gathered to findings."""
