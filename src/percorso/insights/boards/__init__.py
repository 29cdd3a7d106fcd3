"""Boards: cards that people arranged, asked together and shown on one page."""
