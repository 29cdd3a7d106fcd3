"""Eight drawn faces for personas, as small SVG: plain, friendly, on a ground of their own so that dark pages suit them."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Face:
    """Colours of ground, skin, hair and clothes; the hair behind and in front as paths; glasses, beard."""

    ground: str
    skin: str
    hair: str
    clothes: str
    behind: str = ""
    front: str = ""
    glasses: bool = False
    beard: bool = False


SHORT = "M29 44c-2-17 7-26 19-26s21 9 19 26c-2-8-5-12-9-14-7 2-16 2-21 0-4 3-7 7-8 14z"
SIDE = "M29 46c-3-18 6-28 19-28s22 10 19 28c-3-7-5-11-6-15-9 1-17-1-23-5-3 5-7 11-9 20z"
LONG = "M26 74c-3-12-1-22 0-32 1-16 11-25 22-25s21 9 22 25c1 10 3 20 0 32z"
BOB = "M27 62c-3-8-3-16-2-22 1-14 11-23 23-23s22 9 23 23c1 6 1 14-2 22z"
FRINGE = "M30 43c0-14 7-22 18-22s18 8 18 22c-4-5-7-8-9-11-5 4-19 5-22 1-2 3-4 6-5 10z"
BUN = "M40 17a8 8 0 1 1 16 0 8 8 0 1 1-16 0z"
CURLS = "M24 46a8 8 0 0 1 2-12 8 8 0 0 1 8-11 9 9 0 0 1 14-5 9 9 0 0 1 14 5 8 8 0 0 1 8 11 8 8 0 0 1 2 12 8 8 0 0 1-3 10H27a8 8 0 0 1-3-10z"
CROWN = "M30 42c-1-6 2-9 4-10 1-4 5-6 8-4 3-3 9-3 12 0 3-2 7 0 8 4 3 1 5 4 4 10-2-4-4-6-7-7-7 2-15 2-22 0-3 1-5 3-7 7z"
SCARF = "M22 78c0-12 3-24 4-36 2-15 11-24 22-24s20 9 22 24c1 12 4 24 4 36z"
EDGE = "M30 46c0-15 7-24 18-24s18 9 18 24c-3-10-8-16-18-16s-15 6-18 16z"

FACES = {
    "1": Face("#d6e4ff", "#f2c9a5", "#5b3a21", "#3f5bd8", front=SHORT),
    "2": Face("#ffe3d1", "#8d5a3b", "#2a1a12", "#c2552d", behind=CURLS, front=CROWN),
    "3": Face("#dff3e4", "#f7d7bd", "#c98a3c", "#2f7d56", behind=LONG, front=FRINGE, glasses=True),
    "4": Face("#efe3ff", "#c98f64", "#1f1a1c", "#6a48b8", front=SIDE, beard=True),
    "5": Face("#fff0c9", "#e3b48c", "#3c2a22", "#a9781a", behind=BOB, front=FRINGE),
    "6": Face("#d9f0f4", "#7d5138", "#141011", "#1c7286", front=SHORT, glasses=True),
    "7": Face("#ffdfe7", "#d9a27a", "#8a2f4d", "#b23a5e", behind=SCARF, front=EDGE),
    "8": Face("#e6e8ee", "#f3cfb3", "#b9bec9", "#56607a", behind=BUN, front=SIDE, glasses=True),
}
GLASSES = (
    '<g fill="none" stroke="#2b2f3a" stroke-width="2"><circle cx="40" cy="46" r="6.5"/><circle cx="56" cy="46" r="6.5"/>'
    '<path d="M46.5 45q1.5-1.5 3 0M33.5 45l-4-1M62.5 45l4-1"/></g>'
)
BEARD = "M31 50c0 16 7 23 17 23s17-7 17-23c-3 7-8 8-10 7-4-2-10-2-14 0-2 1-7 0-10-7z"


def drawn(key: str, size: int) -> SafeString:
    """Return a face as SVG, `size` pixels wide and high; it says nothing to a screen reader."""
    face = FACES.get(key, FACES["1"])
    return format_html(
        '<svg class="face" viewBox="0 0 96 96" width="{}" height="{}" aria-hidden="true" focusable="false">'
        '<circle cx="48" cy="48" r="48" fill="{}"/>{}'
        '<path d="M16 90c2-16 15-22 32-22s30 6 32 22a48 48 0 0 1-64 0z" fill="{}"/>'
        '<path d="M41 60h14v10c0 9-14 9-14 0z" fill="{}"/>'
        '<path d="M30 44c0-14 7-21 18-21s18 7 18 21c0 15-7 24-18 24s-18-9-18-24z" fill="{}"/>{}{}{}'
        '<circle cx="40" cy="46" r="2.2" fill="#2b2f3a"/><circle cx="56" cy="46" r="2.2" fill="#2b2f3a"/>'
        '<path d="M42 {}q6 5 12 0" fill="none" stroke="{}" stroke-width="2.2" stroke-linecap="round"/></svg>',
        size, size, face.ground, _path(face.behind, face.hair), face.clothes, face.skin, face.skin,
        _path(BEARD if face.beard else "", face.hair), _path(face.front, face.hair),
        mark_safe(GLASSES if face.glasses else ""), 58, "#fff" if face.beard else "#2b2f3a",
    )  # fmt: skip


def _path(d: str, fill: str) -> SafeString:
    return format_html('<path d="{}" fill="{}"/>', d, fill) if d else mark_safe("")
