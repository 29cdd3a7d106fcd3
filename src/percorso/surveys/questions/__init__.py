"""Types of questions, one a file."""
