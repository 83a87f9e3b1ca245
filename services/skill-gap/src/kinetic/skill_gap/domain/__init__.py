"""The decisions of skill-gap: pure functions over frozen values, one module per decision."""
