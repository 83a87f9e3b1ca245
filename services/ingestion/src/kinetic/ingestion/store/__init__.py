"""Every SQL statement of ingestion, one module per subject."""
