"""Webhook sources: what shops, payment and help desk systems tell by themselves becomes facts (decision record 21)."""
