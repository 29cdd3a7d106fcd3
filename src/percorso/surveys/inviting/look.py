"""How mails look: many mail programs know no style sheets, so that every element carries its own styles."""

import re
from functools import lru_cache

from percorso.surveys.respond.look import readable, text_on

INK, QUIET, LINE, GROUND, ACCENT = "#171a21", "#5a6372", "#d9dde4", "#f6f7f9", "#3f5bd8"
FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

# By class; an element with several has the styles of all. ACCENT and ON stand for the survey's colour and what is read on it.
STYLES = {
    "page": f"margin:0;padding:0;background:{GROUND};color:{INK};font-family:{FONT};font-size:16px;line-height:24px",
    "ahead": "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all",
    "wide": "width:100%;border-collapse:separate;border-spacing:0",
    "edge": "padding:24px 8px",
    "sheet": f"width:100%;max-width:600px;margin:0 auto;font-family:{FONT};color:{INK}",
    "company": f"padding:0 8px 12px;font-size:14px;line-height:20px;font-weight:600;color:{QUIET}",
    "box": f"background:#ffffff;border:1px solid {LINE};border-radius:12px;padding:24px 12px",
    "note": f"margin:0 0 16px;padding:10px 12px;background:{GROUND};border-radius:8px;font-size:14px;line-height:20px",
    "words": "margin:0 0 16px",
    "asks": "margin:8px 0 12px;font-size:18px;line-height:26px;font-weight:650",
    "scale": "width:100%;border-collapse:separate;border-spacing:2px 0;table-layout:fixed",
    "cell": "padding:0;text-align:center",
    "value": (
        "display:block;padding:11px 0;border:1px solid {accent};border-radius:6px;background:#ffffff;color:{accent};"
        "font-size:15px;line-height:20px;font-weight:600;text-align:center;text-decoration:none"
    ),
    "end": f"padding:6px 2px 0;font-size:13px;line-height:18px;color:{QUIET};vertical-align:top",
    "right": "text-align:right",
    "option": "margin:0 0 8px",
    "left": "padding-left:14px;padding-right:14px;text-align:left",
    "hint": f"margin:14px 0 0;font-size:14px;line-height:20px;color:{QUIET}",
    "button": (
        "display:inline-block;background:{accent};color:{on};border-radius:8px;padding:12px 22px;font-weight:600;"
        "text-decoration:none"
    ),
    "foot": f"padding:16px 8px 0;font-size:13px;line-height:19px;color:{QUIET}",
    "small": "margin:0 0 4px",
    "link": f"color:{QUIET};text-decoration:underline",
    "decoy": "display:none;font-size:1px;line-height:1px;mso-hide:all",
}
CLASS = re.compile(r'\sclass="([^"]*)"')


def inlined(html: str, accent: str) -> str:
    """Return HTML whose classes became styles, in the survey's colour (empty: the usual one)."""
    return CLASS.sub(lambda found: _styles(found[1], accent or ACCENT), html)


@lru_cache(maxsize=1024)
def _styles(classes: str, accent: str) -> str:
    tone = readable(accent, "#ffffff")
    told = ";".join(STYLES[name] for name in classes.split())
    return f' style="{told}"'.replace("{accent}", tone).replace("{on}", text_on(tone))
