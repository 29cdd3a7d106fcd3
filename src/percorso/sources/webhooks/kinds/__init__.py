"""One file for each system that can tell percorso something by webhooks."""
