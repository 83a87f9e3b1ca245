"""The decisions of recommendation: pure functions over frozen values, one module per decision."""
