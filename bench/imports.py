"""Import of CSV: rows a second, and the memory of the process that imports."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from bench.data import csv

TARGET_ROWS_A_SECOND = 150_000
TARGET_MIB = 1024


def compare(folder: Path, rows: int, console: Console) -> bool:
    """Import `rows` answers by the command, as anybody would, and print speed and memory."""
    file = csv(folder, rows)
    with tempfile.TemporaryDirectory(dir=folder) as data:
        command = [str(Path(sys.executable).parent / "percorso"), "import", "answers", str(file), "--metric", "nps"]
        start = time.perf_counter()
        environment = {**os.environ, "PERCORSO_DATA": data}
        timed = subprocess.Popen([*command, "--zone", "America/Sao_Paulo"], env=environment, stdout=subprocess.DEVNULL)
        peak = 0
        while timed.poll() is None:
            peak = max(peak, _resident_kib(timed.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - start
    speed, mib = rows / seconds, peak / 1024
    ok = timed.returncode == 0 and speed >= TARGET_ROWS_A_SECOND and mib < TARGET_MIB
    console.print(
        f"import of {rows:,} CSV rows: {seconds:.1f} s, {speed:,.0f} rows/s (target {TARGET_ROWS_A_SECOND:,}), "
        f"peak {mib:,.0f} MiB (target {TARGET_MIB}){'' if ok else '  MISSED'}",
        style=None if ok else "red",
    )
    return ok


def _resident_kib(pid: int) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found.group(1)) if found else 0
