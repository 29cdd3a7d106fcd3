"""A process that is killed loses nothing that it had told, and counts nothing twice when it is run again."""

import json
import signal
import subprocess
import time
from pathlib import Path

from tests.commands.conftest import PERCORSO, Run, environment

ROWS = 1_500_000


def test_an_import_killed_in_the_middle_is_whole_after_the_next_run(run: Run, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    with file.open("w") as out:
        out.write("id,date,score\n")
        out.writelines(f"{i},2025-03-{1 + i % 28:02} 10:00:00,{i % 11}\n" for i in range(ROWS))
    words = ("import", "answers", str(file), "--metric", "nps", "--scale", "0-10")
    importing = subprocess.Popen([PERCORSO, *words], env=environment(data), stdout=subprocess.DEVNULL)
    _until_something_is_stored(data)
    importing.send_signal(signal.SIGKILL)
    importing.wait()

    some = _n(run)
    assert 0 < some < ROWS
    again = run(*words)
    assert again.returncode == 0, again.stdout
    assert _n(run) == ROWS
    (cell,) = json.loads(run("measure", "nps", "--format", "json").stdout)
    expected = [sum(1 for i in range(ROWS) if i % 11 in scores) for scores in ((9, 10), (0, 1, 2, 3, 4, 5, 6))]
    assert [cell["details"]["promoters"], cell["details"]["detractors"]] == expected


def _until_something_is_stored(data: Path) -> None:
    """Wait until the figures' file has grown: some batches are stored, most are not."""
    file, deadline = data / "facts.duckdb", time.monotonic() + 60
    while time.monotonic() < deadline:
        size = sum(f.stat().st_size for f in (file, Path(f"{file}.wal")) if f.exists())
        if size > 6_000_000:
            return
        time.sleep(0.01)
    raise AssertionError("the import stored nothing for a minute")


def _n(run: Run) -> int:
    (cell,) = json.loads(run("measure", "nps", "--format", "json").stdout)
    return int(cell["n"])
