"""What happened, in one language? Webhooks and CloudEvents become signals, measurements and learning records."""
