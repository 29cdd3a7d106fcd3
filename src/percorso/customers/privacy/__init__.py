"""What is owed to the people whom the data is about: a copy of it, its erasure, its end after a while, and less of it at all."""
