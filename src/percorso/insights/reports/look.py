"""How mails look: many mail programs know no style sheets, so that every element carries its own styles."""

import re

INK, QUIET, LINE, GROUND, ACCENT = "#171a21", "#5a6372", "#e4e7ec", "#f6f7f9", "#3f5bd8"
FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
SMALL = f"font-size:12px;line-height:17px;color:{QUIET}"

# By class; an element with several has the styles of all.
STYLES = {
    "page": f"margin:0;padding:0;background:{GROUND};color:{INK};font-family:{FONT};font-size:14px;line-height:20px",
    "sheet": f"width:100%;max-width:640px;margin:0 auto;font-family:{FONT};color:{INK}",
    "wide": "width:100%;border-collapse:separate;border-spacing:0",
    "edge": "padding:24px 16px",
    "head": "padding:0 4px 16px",
    "h1": f"margin:0;font-size:22px;line-height:28px;font-weight:650;letter-spacing:-0.01em;color:{INK}",
    "h2": f"margin:0 0 6px;font-size:14px;line-height:19px;font-weight:600;color:{INK}",
    "quiet": f"color:{QUIET}",
    "about": f"margin:4px 0 0;{SMALL};font-size:13px;line-height:19px",
    "box": f"background:#ffffff;border:1px solid {LINE};border-radius:10px;padding:15px 17px;vertical-align:top",
    "half": "width:50%",
    "gap": "height:12px;line-height:12px;font-size:0",
    "between": "width:12px;font-size:0",
    "value": f"margin:0;font-size:28px;line-height:34px;font-weight:650;letter-spacing:-0.02em;color:{INK}",
    "pale": f"color:{QUIET}",
    "small": f"margin:0;{SMALL}",
    "verdict": "display:inline-block;border-radius:99px;padding:2px 9px;font-size:12px;line-height:17px;font-weight:600",
    "good": "background:#e4f4ea;color:#14713f",
    "bad": "background:#fcebea;color:#b3261e",
    "plain": f"background:#eaeefd;color:{ACCENT}",
    "calm": f"color:{QUIET};padding-left:0",
    "row": "margin:8px 0 0",
    "picture": "display:block;width:100%;height:auto;border:0",
    "lines": "width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums",
    "th": f"text-align:left;padding:5px 8px 5px 0;{SMALL};font-weight:500;border-bottom:1px solid {LINE}",
    "td": f"font-weight:400;text-align:left;padding:6px 8px 6px 0;font-size:13px;line-height:18px;border-bottom:1px solid {LINE}",
    "num": "text-align:right;padding-right:0;padding-left:8px;white-space:nowrap;font-weight:600",
    "bars": "padding-left:14px;padding-right:0",
    "over": "overflow-wrap:anywhere;text-align:right;padding-right:0;padding-left:8px;vertical-align:bottom",
    "link": f"color:{ACCENT}",
    "button": "display:inline-block;background:#3f5bd8;color:#ffffff;border-radius:7px;padding:9px 16px;font-weight:600;text-decoration:none",
    "foot": f"padding:20px 4px 0;{SMALL}",
    "bar": "width:100%;border-collapse:collapse;margin:6px 0 5px;table-layout:fixed",
    "track": "height:6px;line-height:6px;font-size:0;padding:0;background:#e6e9ef",
    "band": "height:6px;line-height:6px;font-size:0;padding:0;background:#aab7ee",
}  # fmt: skip
CLASS = re.compile(r'\sclass="([^"]*)"')


def inlined(html: str) -> str:
    """Return HTML whose classes became styles; a class without styles is a mistake of ours."""
    return CLASS.sub(lambda found: f' style="{";".join(STYLES[name] for name in found[1].split())}"', html)
