"""Surveys ready to send, in three languages."""
