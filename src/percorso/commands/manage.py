"""``percorso manage``: Django's own commands, for the engineers who run it."""

import rich_click as click
from django.core.management import execute_from_command_line


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Run a command of Django, e.g. `percorso manage migrate`."""
    execute_from_command_line(["percorso manage", *words])
