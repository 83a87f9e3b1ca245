"""Every SQL statement of skill-gap, one module per subject."""
