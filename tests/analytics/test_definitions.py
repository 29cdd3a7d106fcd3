"""Every indicator says all that its definition page shows, in words of the specification's classes."""

from typing import get_args

import pytest

from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Unit
from percorso.analytics.tables import TABLES


@pytest.mark.parametrize("key", list(INDICATORS))
def test_a_definition_is_complete(key: str) -> None:
    found = INDICATORS[key]
    sentences = (found.label, found.about, found.formula, found.time, found.interval, found.test)
    assert all(text.strip() == text and text for text in sentences)
    assert found.about.endswith("?")
    assert len(found.exclusions) >= 1
    assert 1 <= len(found.traps) <= 5
    assert len(found.literature) >= 1
    for text in (*found.exclusions, *found.traps):
        assert text == text.strip()
        assert text.endswith((".", "?", "!")), text


@pytest.mark.parametrize("key", list(INDICATORS))
def test_a_definition_uses_the_words_of_the_classes(key: str) -> None:
    found = INDICATORS[key]
    assert found.family in FAMILIES
    assert found.table in TABLES
    assert found.unit in get_args(Unit)
    assert found.better in ("higher", "lower", None)
    assert found.level in ("strategic", "tactical", "managerial")
    assert found.kind in ("input", "process", "product", "impact")
    assert found.nature in ("leading", "lagging")
    low, high = found.range
    assert low is None or high is None or low < high
    assert found.minimum_n >= 0
    assert found.materiality >= 0


@pytest.mark.parametrize("key", list(INDICATORS))
def test_versions_follow_each_other(key: str) -> None:
    history = INDICATORS[key].history
    assert [edition.version for edition in history] == list(range(1, len(history) + 1))
    assert [e.since for e in history] == sorted(e.since for e in history)
    assert INDICATORS[key].version == history[-1].version


@pytest.mark.parametrize("key", list(INDICATORS))
def test_every_option_says_what_it_does(key: str) -> None:
    for name, option in INDICATORS[key].options.items():
        assert name.isidentifier()
        assert option.about
        assert option.choices is None or option.default in option.choices
