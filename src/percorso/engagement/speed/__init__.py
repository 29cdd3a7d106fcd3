"""Slow and broken pages, and what they cost in scores."""
