"""The command `percorso` and the names of what it can do."""

import rich_click as click

COMMANDS = (
    "backup",
    "demo",
    "docs",
    "features",
    "flows",
    "frequency",
    "funnel",
    "import",
    "indicators",
    "manage",
    "measure",
    "people",
    "restore",
    "retention",
    "serve",
    "sources",
    "speed",
    "surveys",
    "web",
    "worker",
)
MODULES = {"import": "imports"}


class _Commands(click.RichGroup):
    """Commands are loaded when they are asked for: each pulls in what only it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = __import__(f"percorso.commands.{MODULES.get(name, name)}", fromlist=["command"])
        command: click.Command = module.command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="percorso")
def main_group() -> None:
    """Customer experience, measured: surveys, tickets, calls, orders and reviews, with how sure each figure is.

    The data folder is named by PERCORSO_DATA (default: percorso-data in the folder you are in).
    """
