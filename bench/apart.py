"""retentioneering beside percorso: it needs another DuckDB than percorso, so it runs in an environment of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

VERSION = "5.2.4"
ALONE = Path(__file__).with_name("apart_alone.py")
# Its statistics about whoever uses it go nowhere from here.
QUIET = {**os.environ, "RETENTIONEERING_NO_TRACK": "1"}


def measured(folder: Path, source: Path) -> dict[str, Any] | None:
    """Return the milliseconds of `load`, `funnel`, `in_seven_days` and `transitions`, and the `people` a step; None: not installed."""
    python = folder / "retentioneering" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", f"retentioneering=={VERSION}"]
    if subprocess.run(install, check=False, capture_output=True).returncode:
        return None
    ran = subprocess.run([str(python), str(ALONE), str(source)], check=True, capture_output=True, text=True, env=QUIET)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def told(measured: dict[str, Any] | None, funnel_ms: float, transitions_ms: float) -> str:
    """Return in lines how long it takes beside percorso."""
    if measured is None:
        return "retentioneering was not measured: it could not be installed."
    lines = [
        f"retentioneering {VERSION}: load {measured['load']:.0f} ms; people a step in seven days {measured['people']}"
    ]
    for name, ours in (("funnel", funnel_ms), ("in_seven_days", funnel_ms), ("transitions", transitions_ms)):
        alone = measured[name]
        lines.append(
            f"  {name}: {alone:.0f} ms ({alone / ours:.1f}×, with loading {(measured['load'] + alone) / ours:.0f}×)"
        )
    return "\n".join(lines)
