"""An issue as a PDF: WeasyPrint lays it out, with our fonts and nothing from any network."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from percorso.base.assets import BUILT, asset
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.insights.models import ReportIssue
from percorso.insights.reports import drawings
from percorso.insights.reports.plain import made_text

COLUMNS = 4
BAR = 200
MISSING = mark("The PDF is left out: this computer has no Pango. Install it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")  # fmt: skip


class PdfMissing(UserError):
    """The library that lays out text is not installed."""


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    try:
        import weasyprint  # needs a library of the system
    except OSError as error:
        raise PdfMissing(MISSING) from error
    return weasyprint


def can_print() -> bool:
    """Whether PDFs can be made here."""
    try:
        _weasyprint()
    except PdfMissing:
        return False
    return True


def pdf_of(issue: ReportIssue) -> bytes:
    """Return an issue as a PDF, in its language.

    Raises
    ------
    PdfMissing : this computer cannot; the message says what to install.
    """
    weasyprint = _weasyprint()
    with translation.override(issue.language):
        context = {
            "issue": issue,
            "content": issue.content,
            "rows": _rows(issue.content["cards"]),
            "made": made_text(issue),
        }
        html = render_to_string("insights/reports/print.html", context)
    base = f"{BUILT.resolve().as_uri()}/"
    fetch = _fetcher(weasyprint)
    fonts = weasyprint.text.fonts.FontConfiguration()
    look = (BUILT / asset("print.css")).read_text()
    css = weasyprint.CSS(string=look, base_url=base, url_fetcher=fetch, font_config=fonts)
    document = weasyprint.HTML(string=html, base_url=base, url_fetcher=fetch)
    return bytes(document.write_pdf(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1"))


def _fetcher(weasyprint: Any) -> Any:
    """Return what reads files for a document: those of our own build and no others."""
    own = BUILT.resolve()

    class OurFiles(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            parts = urlsplit(url)
            path = Path(unquote(parts.path)).resolve()
            if parts.scheme != "file" or not path.is_relative_to(own):
                raise ValueError(f"a report reads no {parts.scheme} address")
            return super().fetch(url, headers)

    return OurFiles(allowed_protocols=("file",), fail_on_errors=False)


def _rows(cards: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the cards in the rows that they make on four columns, each chart with its drawing."""
    rows: list[list[dict[str, Any]]] = []
    room = 0
    for kept in cards:
        # Drawings hold texts that are escaped already by whoever drew them.
        drawn = [
            {
                "svg": mark_safe(drawings.svg_of(kept, chart)),
                "label": chart["label"],
                "told": drawings.told_of(kept, chart),
            }
            for chart in kept.get("charts", ())
        ]
        width = max(2, kept["width"]) if kept["kind"] in ("series", "breakdown", "table") else kept["width"]
        card = kept | {"drawn": drawn, "width": width, "figure": _barred(kept.get("figure"))}
        if "scale" in kept or kept["kind"] == "figure":
            card["rows"] = [_barred(figure) for figure in kept.get("rows", ())]
        if width > room:
            rows.append([])
            room = COLUMNS
        rows[-1].append(card)
        room -= width
    return rows


def _barred(figure: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a figure with where its interval, value and earlier value stand on a line that is `BAR` long."""
    bar = figure and figure["bar"]
    if not figure or not bar or bar["value"] is None:
        return figure and figure | {"band": None}
    places = {name: share * BAR / 100 for name, share in bar.items() if share is not None}
    low, high = places.get("low", places["value"]), places.get("high", places["value"])
    before = places.get("before", 0) - 0.5
    band = {
        "x": low,
        "width": max(2, high - low),
        "value": min(BAR - 3, max(0, places["value"] - 1.5)),
        "before": before,
    }
    return figure | {"band": band}
