"""``percorso measure`` as it is typed."""

import csv
import io
import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.commands.conftest import PERCORSO, Run, environment


def imported(run: Run, survey: Path) -> None:
    told = run("import", "answers", str(survey), "--metric", "nps", "--scale", "0-10", "--zone", "America/Sao_Paulo")
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.empty_folder
def test_nothing_to_measure_teaches_the_next_step(run: Run) -> None:
    told = run("measure", "nps")
    assert told.returncode == 1
    assert "Fill the data folder with `percorso demo` or `percorso import`" in told.stdout


def test_an_own_survey_is_measured_with_interval_and_n(run: Run, survey: Path) -> None:
    imported(run, survey)
    told = run("measure", "nps", "--format", "json")
    (cell,) = json.loads(told.stdout)
    # 19 promoters and 20 detractors of 39; the 15 is out of its scale and no score.
    assert cell["n"] == 39
    assert cell["value"] == pytest.approx(100 * (19 - 20) / 39)
    assert cell["low"] < cell["value"] < cell["high"]
    assert cell["details"]["promoters"] == 19


def test_csv_has_a_line_for_every_month_and_an_empty_field_for_none(run: Run, survey: Path) -> None:
    imported(run, survey)
    words = ("--from", "2025-01-01", "--to", "2025-03-31", "--grain", "month", "--by", "channel", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(run("measure", "nps", *words).stdout)))
    assert [(row["start"][:10], row["n"], row["value"] == "") for row in rows] == [
        ("2025-01-01", "0", True),
        ("2025-02-01", "0", True),
        ("2025-03-01", "39", False),
    ]


def test_the_table_says_how_sure_and_compares(run: Run, survey: Path) -> None:
    imported(run, survey)
    told = run("measure", "nps", "--from", "2025-03-01", "--to", "2025-03-31").stdout
    assert "95.0% confidence" in told
    assert "2025-03-01 to 2025-03-31, America/Sao_Paulo" in told
    assert "39" in told


def test_messages_come_in_the_language_of_the_terminal(run: Run) -> None:
    told = run("measure", "nps", LANG="pt_BR.UTF-8").stdout
    assert "percorso demo" in told
    assert "There are no facts" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("measure", "npz"), "There is no npz here. Choose one of:"),
        (("measure", "nps", "--by", "colour"), "There is no column colour to break down by"),
        (("measure", "nps", "--zone", "Europe/Roma"), "Europe/Roma"),
        (("measure", "nps", "--segment", "email"), "Write email as name=value"),
        (("measure", "nps", "--to", "2025-01-01"), "Give the first day too, with --from."),
        (("measure", "nps", "--workspace", "acme"), "There is no workspace acme. Choose one of: main."),
        (("measure", "nps", "--grain", "fortnight"), "fortnight"),
    ],
)
def test_a_wrong_word_is_told_what_is_right(run: Run, survey: Path, words: tuple[str, ...], told: str) -> None:
    imported(run, survey)
    answer = run(*words)
    assert answer.returncode in (1, 2)
    assert told in " ".join((answer.stdout + answer.stderr).split())
    assert "Traceback" not in answer.stderr


def test_a_wrong_setting_stops_the_start(run: Run) -> None:
    told = run("measure", "nps", PERCORSO_TIME_ZONE="Brasil")
    # The zone of new workspaces is read when one is made; the port when it is served on.
    served = run("serve", PERCORSO_PORT="eighty")
    assert told.returncode == 1
    assert "PERCORSO_PORT cannot be 'eighty': give a port between 1 and 65535." in served.stdout + served.stderr


def test_a_measurement_while_an_import_runs_is_carried_out_by_it(data: Path, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "big.csv"
    with file.open("w") as out:
        out.write("id,date,score\n")
        out.writelines(f"{i},2025-03-{1 + i % 28:02} 10:00:00,{i % 11}\n" for i in range(900_000))
    words = [PERCORSO, "import", "answers", str(file), "--metric", "nps", "--scale", "0-10"]
    with subprocess.Popen(words, env=environment(data), stdout=subprocess.PIPE, text=True) as importing:
        deadline = time.monotonic() + 30
        while not (data / "owner.sock").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        second = tmp_path / "second.csv"
        second.write_text("id,date,score\nz1,2025-03-01 10:00:00,10\nz2,2025-03-01 10:00:00,0\n")
        also = run("import", "answers", str(second), "--metric", "nps", "--scale", "0-10")
        assert also.returncode == 0, also.stdout + also.stderr
        importing.communicate(timeout=120)
    assert importing.returncode == 0
    (cell,) = json.loads(run("measure", "nps", "--format", "json").stdout)
    assert cell["n"] == 900_002


@pytest.mark.empty_folder
def test_commands_that_start_together_in_an_empty_folder_make_one_database(data: Path) -> None:
    words = [PERCORSO, "people", "list"]
    started = [subprocess.Popen(words, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)]  # fmt: skip
    for process in started:
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0, told
