"""Surveys of other systems, read and written."""
