"""Asking: surveys rendered on the server, invitations, answers."""
