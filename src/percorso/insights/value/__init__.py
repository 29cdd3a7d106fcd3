"""Customer value: groups by purchases, how long customers stay, and what they will still bring."""
