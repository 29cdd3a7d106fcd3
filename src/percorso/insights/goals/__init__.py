"""Goals: what a team wants to reach by when, how far it is, how probable it is; and what others reach."""
