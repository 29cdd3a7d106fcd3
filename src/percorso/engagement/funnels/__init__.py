"""How many get from one step to the next."""
