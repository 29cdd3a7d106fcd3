"""Alerts around the detectors of `insights.alerts`: what is watched, the daily run, messages, pages."""
