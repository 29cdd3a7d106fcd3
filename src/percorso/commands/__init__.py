"""What the command `percorso` can do: one file a command."""
