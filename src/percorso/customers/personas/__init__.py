"""Personas: segments told as a person."""
