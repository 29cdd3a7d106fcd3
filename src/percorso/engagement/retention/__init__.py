"""How many come back."""
