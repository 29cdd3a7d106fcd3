"""Whom it is about: customers, read from the facts."""
