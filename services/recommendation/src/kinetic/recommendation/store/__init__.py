"""Every SQL statement of recommendation, one module per kind of row."""
