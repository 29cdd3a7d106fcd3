"""Help of these pages."""

HELP: dict[str, tuple[str, tuple[str, ...]]] = {}
