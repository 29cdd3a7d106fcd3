"""Companies that customers belong to, and which is part of which."""
