"""What every alert must be."""

import ast
import inspect
from pathlib import Path

import pytest

from percorso.insights import alerts
from percorso.insights.alerts import ALERTS, Alert, Settings
from percorso.registry import Registry

FOLDER = Path(alerts.__file__).parent
ALLOWED = ("percorso.analytics", "percorso.registry", "percorso.i18n", "percorso.errors", "percorso.insights.alerts")


def test_the_alerts_that_people_asked_for_are_there() -> None:
    assert list(ALERTS) == ["change", "churn", "goal", "mix", "silence", "threshold", "trend"]


@pytest.mark.parametrize("key", list(ALERTS))
def test_every_alert_says_what_it_is(key: str) -> None:
    alert = ALERTS[key]
    assert alert.key == key == Path(inspect.getfile(type(alert))).stem
    assert alert.label[0].isupper()
    assert alert.about.startswith("Tells when")
    assert len(alert.chance) > 40, "how the chance of being noise is computed"
    assert alert.minimum_n >= 0
    assert alert.needs in ("", "goal", "shares")
    assert inspect.getdoc(type(alert))


@pytest.mark.parametrize("key", list(ALERTS))
def test_every_setting_can_be_shown_in_a_form(key: str) -> None:
    config = ALERTS[key].Config
    assert issubclass(config, Settings)
    assert config.model_config["extra"] == "forbid"
    assert config.model_fields
    for name, setting in config.model_fields.items():
        assert setting.title, name
        assert setting.annotation in (int, float, bool) or "Literal" in str(setting.annotation), name
        assert setting.is_required() == (name == "limit"), "only a limit has no default"


def test_alerts_import_the_core_and_nothing_else_of_ours() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.startswith("django")], file.name
            assert not [n for n in names if n.startswith("percorso") and not n.startswith(ALLOWED)], file.name


def test_other_packages_may_add_alerts() -> None:
    assert isinstance(ALERTS, Registry)
    assert (ALERTS.base, ALERTS.group) == (Alert, "percorso.alerts")
