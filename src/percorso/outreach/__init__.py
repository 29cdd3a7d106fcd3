"""Sending: webhooks to other systems."""
