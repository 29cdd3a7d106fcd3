"""Segments: customers picked out by a rule that people build, read and count."""
