"""Which ways customers take."""
