"""Formats of surveys, one a file."""
