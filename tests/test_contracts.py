"""What every entry of every registry must be, and what must stay out of what."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import percorso
from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator, Unit
from percorso.analytics.tables import COMMON, TABLES
from percorso.config import SETTINGS, BadSetting, setting
from percorso.registry import Registry

ROOT = Path(__file__).parents[1]
SOURCE = Path(percorso.__file__).parent


@pytest.mark.parametrize("key", list(INDICATORS))
def test_every_indicator_says_what_it_is(key: str) -> None:
    i = INDICATORS[key]
    assert i.key == key == Path(inspect.getfile(type(i))).stem
    assert i.label[0].isupper()
    assert i.about.endswith("?"), "about is the question that the figure answers"
    for text in (i.formula, i.time, i.interval, i.test):
        assert len(text) > 5
    assert i.table in TABLES
    assert i.family in FAMILIES
    assert i.unit in get_args(Unit)
    assert i.better in ("higher", "lower", None)
    assert i.level in ("strategic", "tactical", "managerial")
    assert i.kind in ("input", "process", "product", "impact")
    assert i.nature in ("leading", "lagging")
    assert i.minimum_n >= 0
    assert i.materiality > 0


@pytest.mark.parametrize("key", list(INDICATORS))
def test_every_indicator_can_be_broken_down_as_it_suggests(key: str) -> None:
    i = INDICATORS[key]
    own = set(TABLES[i.table].names) | set(TABLES["tickets"].names if i.table == "ticket_events" else ())
    people = set(TABLES["customers"].names)
    for name in i.segments:
        trait = name.removeprefix("customer.")
        assert trait in people if name.startswith("customer.") else name in own, name


@pytest.mark.parametrize("key", list(INDICATORS))
def test_every_option_says_what_it_means_and_has_its_default_among_its_choices(key: str) -> None:
    for option in INDICATORS[key].options.values():
        assert option.about
        assert option.choices is None or option.default in option.choices


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_and_column_has_a_meaning(name: str) -> None:
    table = TABLES[name]
    assert table.about
    assert all(column.about for column in table.columns)
    assert len(set(table.names)) == len(table.names)
    assert {c.name for c in COMMON} <= set(table.names)
    assert table.at_from is None or table.column(table.at_from).kind == "instant"


def test_a_registry_takes_entries_of_other_packages_by_entry_point() -> None:
    registry: Registry[Indicator] = Registry("percorso.analytics.indicators", Indicator, "percorso.indicators")
    assert list(registry) == sorted(INDICATORS)
    assert registry.get("no such") is None


@pytest.mark.parametrize("item", SETTINGS, ids=lambda s: s.name)
def test_every_setting_is_documented_and_its_default_can_be_read(item: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name = item.name  # type: ignore[attr-defined]
    monkeypatch.delenv(f"PERCORSO_{name}", raising=False)
    setting(name)
    assert f"`PERCORSO_{name}`" in (ROOT / "docs/reference/settings.md").read_text()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "eighty", "PERCORSO_PORT cannot be 'eighty': give a port between 1 and 65535."),
        ("TIME_ZONE", "Brasil", "PERCORSO_TIME_ZONE cannot be 'Brasil': give a time zone such as America/Sao_Paulo"),
        ("DEBUG", "perhaps", "PERCORSO_DEBUG cannot be 'perhaps': give true or false."),
    ],
)
def test_a_wrong_setting_says_what_it_takes(name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PERCORSO_{name}", value)
    with pytest.raises(BadSetting) as error:
        setting(name)
    assert str(error.value).startswith(told)


def test_a_secret_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("clickhouse://figures\n")
    monkeypatch.delenv("PERCORSO_ANALYTICS_URL", raising=False)
    monkeypatch.setenv("PERCORSO_ANALYTICS_URL_FILE", str(tmp_path / "url"))
    assert setting("ANALYTICS_URL") == "clickhouse://figures"


def test_a_fresh_interpreter_measures_without_django() -> None:
    code = (
        "import sys, percorso; f = percorso.connect(':memory:');"
        "f.store.append('answers', [{'id': '1', 'metric': 'nps', 'score': 9, 'at': '2025-01-01T00:00:00Z'}]);"
        "print(f.measure('nps').one().value, 'django' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["100.0", "False"]


def test_only_the_engines_name_an_engine_in_the_analytics() -> None:
    allowed = {"engine.py", "duckdb.py", "clickhouse.py"}
    for file in (SOURCE / "analytics").rglob("*.py"):
        if file.name in allowed or file.parent.name == "engines":
            continue
        tree = ast.parse(file.read_text())
        named = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        code = [text for text in named if not _is_docstring(text, tree)]
        assert not [t for t in code if re.search("duckdb|clickhouse", t, re.IGNORECASE)], file


def _is_docstring(text: str, tree: ast.AST) -> bool:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return any(ast.get_docstring(n, clean=False) == text for n in ast.walk(tree) if isinstance(n, documented))


def test_no_module_of_ours_is_longer_than_it_should_be() -> None:
    long = {
        f.name: n
        for f in SOURCE.rglob("*.py")
        if "migrations" not in f.parts and (n := len(f.read_text().splitlines())) > 400
    }
    assert long == {}


def test_lock_files_name_no_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(), lock.name
        assert "--hash=sha256:" in lock.read_text()
    assert '"resolved"' not in (ROOT / "frontend/package-lock.json").read_text()
