"""Every event that Kinetic emits: one module per producer, one topic per subject, golden schemas beside them."""
