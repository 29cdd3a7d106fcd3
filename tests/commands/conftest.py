"""Commands run as a person runs them: in a process of their own, with a data folder of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PERCORSO = Path(sys.executable).parent / "percorso"
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(data: Path, **more: str) -> dict[str, str]:
    """Return the environment of a terminal with the data folder `data`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PERCORSO_") and k not in ("LANG", "LC_ALL")}
    return {**kept, "PERCORSO_DATA": str(data), "COLUMNS": "160", "LANG": "en_US.UTF-8", **more}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first command leaves it: making the database's tables takes longer than most tests."""
    folder = tmp_path_factory.mktemp("made") / "data"
    words = [PERCORSO, "sources", "list"]
    subprocess.run(words, env=environment(folder), check=False, capture_output=True, timeout=120)
    assert (folder / "percorso.sqlite3").exists()
    return folder


@pytest.fixture
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The data folder of a test; with the mark ``empty_folder`` it is not there yet."""
    folder = tmp_path / "data"
    if request.node.get_closest_marker("empty_folder") is None:
        shutil.copytree(request.getfixturevalue("made_once"), folder)
    return folder


@pytest.fixture
def run(data: Path, tmp_path: Path) -> Run:
    def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PERCORSO, *words], cwd=tmp_path, env=environment(data, **more), capture_output=True, text=True, timeout=120
        )

    return call


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A survey export as people have them: semicolons, Portuguese header, local dates, one bad score."""
    lines = ["ID da resposta;Cliente;Data da resposta;Nota;Canal;Comentário"]
    for i in range(40):
        score = "15" if i == 7 else str(10 if i % 2 else 3)
        lines.append(f'r{i};c{i % 9};{1 + i % 28:02}/03/2025 10:{i:02};{score};e-mail;"bom, mas\nlento"')
    file = tmp_path / "pesquisa.csv"
    file.write_text("\n".join(lines) + "\n", encoding="cp1252")
    return file
