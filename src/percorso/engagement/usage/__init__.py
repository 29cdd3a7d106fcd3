"""How often customers come, and what they use."""
