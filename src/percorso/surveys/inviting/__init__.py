"""Whom a survey is sent to: distributions, reminders, triggers."""
