"""The decisions of feedback: pure functions over frozen values, one module per decision."""
