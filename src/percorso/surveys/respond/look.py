"""A survey's own colour, as a little stylesheet: no page may hold styles, and each theme needs a tone that can be read."""

import re
from hashlib import sha256

from percorso.surveys.models import Survey

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# The surfaces of frontend/src/styles/survey.scss, light and dark.
SURFACES = ("#ffffff", "#16191e")
READABLE = 4.5
STEPS = 20

Rgb = tuple[int, int, int]


def accent_of(survey: Survey) -> str:
    """Return the colour that a survey has; empty for the usual one."""
    accent = str(survey.look.get("accent", ""))
    return accent if COLOUR.fullmatch(accent) else ""


def look_version(accent: str) -> str:
    """Return what the stylesheet's address carries, so that browsers may keep it."""
    return sha256(accent.encode()).hexdigest()[:8]


def stylesheet(accent: str) -> str:
    """Return the rules that give pages the colour `accent`, in a tone that is readable on either theme's surface."""
    light, dark = (readable(accent, surface) for surface in SURFACES)
    return f":root{{--accent:light-dark({light},{dark});--on-accent:light-dark({text_on(light)},{text_on(dark)})}}"


def readable(colour: str, surface: str) -> str:
    """Return a colour, moved to black or white as far as it must be to be read on a surface."""
    end = "#000000" if luminance(surface) > 0.5 else "#ffffff"
    tones = (_mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next((tone for tone in tones if contrast(tone, surface) >= READABLE), end)


def text_on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG counts it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1."""
    parts = [value / 255 for value in _rgb(colour)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, end: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_rgb(colour), _rgb(end), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)
