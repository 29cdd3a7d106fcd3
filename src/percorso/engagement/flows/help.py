"""Help for these pages."""

from percorso.base.help import Entry

HELP: dict[str, Entry] = {}
