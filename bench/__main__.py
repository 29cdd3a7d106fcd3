"""``python -m bench [--rows N…] [--folder FOLDER]``: prints every comparison; exit 1 when a target is missed."""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bench import (
    alerts,
    answers,
    behaviour,
    boards,
    crowd,
    figures,
    growth,
    imports,
    ingest,
    lifetime,
    pages,
    segments,
    together,
)

CHOICES = (
    "figures",
    "imports",
    "segments",
    "together",
    "lifetime",
    "alerts",
    "boards",
    "pages",
    "crowd",
    "answers",
    "behaviour",
    "ingest",
    "growth",
)
CUSTOMERS = 1_000_000


def main() -> int:
    """Run the comparisons one after the other; nothing else should run meanwhile."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path, help="where the data is kept for the next run; default: a temporary one")
    parser.add_argument("--only", choices=CHOICES)
    arguments = parser.parse_args()
    console = Console(width=150)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reached = True
        for rows in arguments.rows:
            if arguments.only in (None, "figures"):
                reached &= figures.compare(folder, rows, console)
            if arguments.only in (None, "imports"):
                reached &= imports.compare(folder, rows, console)
        if arguments.only in (None, "segments"):
            reached &= segments.compare(folder, console)
        if arguments.only in (None, "together"):
            reached &= together.compare(folder, console)
        if arguments.only in (None, "lifetime"):
            reached &= lifetime.compare(CUSTOMERS, console)
        if arguments.only in (None, "boards"):
            reached &= boards.compare(folder, console)
        if arguments.only in (None, "pages"):
            reached &= pages.compare(folder, console)
        if arguments.only in (None, "crowd"):
            reached &= crowd.compare(folder, console)
        if arguments.only in (None, "answers"):
            reached &= answers.compare(folder, console)
        if arguments.only in (None, "behaviour"):
            for rows in arguments.rows:
                reached &= behaviour.compare(folder, rows, console)
        if arguments.only in (None, "ingest"):
            reached &= ingest.compare(folder, console)
        # A hundred million events take a quarter of an hour: only when asked for.
        if arguments.only == "growth":
            reached &= growth.compare(folder, console)
        if arguments.only in (None, "alerts"):
            reached &= alerts.compare(console)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
