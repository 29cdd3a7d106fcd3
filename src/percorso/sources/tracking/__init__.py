"""Segment's HTTP tracking API: calls of the official clients become facts (conventions 4.1, decision record 17)."""
