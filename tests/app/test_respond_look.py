"""The colours of the respondent's pages can be read, in both themes."""

import re
from pathlib import Path

import pytest

from percorso.surveys.respond.look import SURFACES, contrast, readable, text_on

STYLES = Path(__file__).parents[2] / "frontend/src/styles/survey/_base.scss"
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", STYLES.read_text())
}


def test_the_surfaces_are_those_that_colours_are_checked_against() -> None:
    assert TOKENS["surface"] == SURFACES


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("upon", "ground", "least"),
    [
        ("ink", "surface", 4.5), ("quiet", "surface", 4.5), ("quiet", "ground", 4.5), ("accent", "surface", 4.5),
        ("bad", "surface", 4.5), ("bad", "bad-soft", 4.5), ("ink", "bad-soft", 4.5), ("on-accent", "accent", 4.5),
        ("edge", "surface", 3), ("accent", "ground", 3), ("ink", "hover", 4.5),
    ],
)  # fmt: skip
def test_contrast(upon: str, ground: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[upon][theme], TOKENS[ground][theme]) >= least


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffee55", "#0b6e4f", "#888888", "#ff0000", "#16191e"])
def test_any_colour_becomes_one_that_can_be_read(accent: str) -> None:
    for surface in SURFACES:
        tone = readable(accent, surface)
        assert contrast(tone, surface) >= 4.5
        assert contrast(text_on(tone), tone) >= 4.5
