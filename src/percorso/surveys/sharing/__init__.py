"""Ways to a survey without a message: link, QR code, kiosk, widget."""
