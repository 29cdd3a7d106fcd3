"""retentioneering beside percorso: it needs another DuckDB than percorso, so it runs in an environment of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

VERSION = "5.2.4"
ALONE = Path(__file__).with_name("retentioneering_alone.py")
# Its statistics about whoever uses it go nowhere from here.
QUIET = {**os.environ, "RETENTIONEERING_NO_TRACK": "1"}


def measured(folder: Path, source: Path) -> dict[str, float] | None:
    """Return the milliseconds of `load`, `funnel` and `transitions`; None when it cannot be installed."""
    python = folder / "retentioneering" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", f"retentioneering=={VERSION}"]
    if subprocess.run(install, check=False, capture_output=True).returncode:
        return None
    ran = subprocess.run([str(python), str(ALONE), str(source)], check=True, capture_output=True, text=True, env=QUIET)
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def told(measured: dict[str, float] | None, funnel_ms: float, transitions_ms: float) -> str:
    """Return in a line how long it takes beside percorso."""
    if measured is None:
        return "retentioneering was not measured: it could not be installed."
    load, funnel, transitions = (measured[name] for name in ("load", "funnel", "transitions"))
    return (
        f"retentioneering {VERSION}: load {load:.0f} ms; funnel without window, times, intervals {funnel:.0f} ms"
        f" ({funnel / funnel_ms:.1f}×, with loading {(load + funnel) / funnel_ms:.0f}×); transitions {transitions:.0f} ms"
        f" ({transitions / transitions_ms:.1f}×, with loading {(load + transitions) / transitions_ms:.0f}×)"
    )
