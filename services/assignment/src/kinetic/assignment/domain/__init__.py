"""The decisions of assignment: pure functions over frozen values, one module per decision."""
