"""An issue as a mail: plain text, HTML with pictures, the PDF; one letter a recipient."""

import hashlib
import re
from dataclasses import dataclass
from email.utils import format_datetime, make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from percorso.base.mime import Mime, unsubscribe_headers
from percorso.insights.models import Report, ReportIssue
from percorso.insights.reports import drawings
from percorso.insights.reports.leaving import leave_link
from percorso.insights.reports.look import inlined
from percorso.insights.reports.plain import made_text, plain_text


class Letter(EmailMessage):
    """A mail that was put together already."""

    def __init__(self, made: Mime, to: str) -> None:
        super().__init__(subject=str(made["Subject"]), to=[to])
        self.made = made

    def message(self) -> Any:
        """Return the mail as it goes out."""
        return self.made


@dataclass(frozen=True)
class Parts:
    """What the letters of an issue share: the pictures by their names, the PDF, and why there is none."""

    pictures: dict[str, bytes]
    pdf: bytes | None = None
    pdf_problem: str = ""


def parts_of(issue: ReportIssue, pdf: bytes | None = None, pdf_problem: str = "") -> Parts:
    """Draw the pictures of an issue once for all of its letters."""
    with translation.override(issue.language):
        drawn = {
            chart["id"]: drawings.png_of(card, chart) for card, chart in drawings.series_of(issue.content["cards"])
        }
    return Parts(drawn, pdf, pdf_problem)


def letter_to(issue: ReportIssue, report: Report, email: str, parts: Parts) -> Letter:
    """Return the mail for one recipient, in the language of the issue."""
    with translation.override(issue.language):
        leave = leave_link(report, email)
        board = settings.PUBLIC_URL + reverse("board", args=[report.workspace.slug, report.board.slug])
        address = board + issue.content["link"]
        mail = _headed(issue, email, leave)
        context = {"issue": issue, "content": issue.content, "board_link": address, "leave_link": leave, "parts": parts}
        mail.set_content(plain_text(issue, address, leave, parts.pdf_problem), cte="quoted-printable")
        context |= {"cards": _with_pictures(issue), "made": made_text(issue)}
        html = render_to_string("insights/reports/mail.html", context)
        mail.add_alternative(inlined(html), subtype="html", cte="quoted-printable")
        for name, picture in parts.pictures.items():
            alternative: Any = mail.get_payload()[1]
            alternative.add_related(
                picture, "image", "png", cid=f"<{name}@percorso>", disposition="inline", filename=f"{name}.png"
            )
        if parts.pdf is not None:
            mail.add_attachment(parts.pdf, "application", "pdf", filename=file_name(issue))
        return Letter(mail, email)


def file_name(issue: ReportIssue) -> str:
    """Return the name of the PDF."""
    name = re.sub(r"[^\w-]+", "-", issue.name.lower()).strip("-") or "report"
    return f"{name}-{issue.first_day}-{issue.last_day}.pdf"


def subject_of(issue: ReportIssue) -> str:
    """Return the subject: what it is, and of which days."""
    return " ".join(f"{issue.name} · {issue.content['days']}".split())


def _headed(issue: ReportIssue, email: str, leave: str) -> Mime:
    mail = Mime()
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    who = hashlib.sha256(email.encode()).hexdigest()[:16]
    mail["Subject"] = subject_of(issue)
    mail["From"] = settings.DEFAULT_FROM_EMAIL
    mail["To"] = email
    mail["Date"] = format_datetime(issue.made_at)
    # The same for every attempt: a letter that comes twice is known to be one.
    mail["Message-ID"] = f"<report-{issue.pk}-{who}@{host}>" if issue.pk else make_msgid(domain=host)
    mail["Auto-Submitted"] = "auto-generated"
    for header, value in unsubscribe_headers(leave).items():
        mail[header] = value
    mail["Content-Language"] = issue.language
    return mail


def _with_pictures(issue: ReportIssue) -> list[list[dict[str, Any]]]:
    """Return the cards in rows of one or two, each chart with the name of its picture and its words."""
    rows: list[list[dict[str, Any]]] = []
    for kept in issue.content["cards"]:
        drawn = [
            {"cid": f"{chart['id']}@percorso", "label": chart["label"], "told": drawings.told_of(kept, chart)}
            for chart in kept.get("charts", ())
        ]
        card = kept | {"drawn": drawn, "bands": [_band(f) for f in kept.get("rows") or [kept.get("figure")]]}
        small = kept["kind"] == "figure" and not kept.get("rows")
        if small and rows and len(rows[-1]) == 1 and rows[-1][0]["small"]:
            rows[-1].append(card | {"small": True})
        else:
            rows.append([card | {"small": small}])
    return rows


def _band(figure: Any) -> dict[str, Any] | None:
    """Return a figure with where its interval lies, as whole percents of a line: before it, inside, after."""
    bar = figure.get("bar") if figure else None
    if bar is None or bar["low"] is None or bar["high"] is None:
        return figure | {"band": None} if figure else None
    start = min(96, round(bar["low"]))
    width = max(3, min(100 - start, round(bar["high"] - bar["low"])))
    return figure | {"band": {"start": start, "width": width, "rest": 100 - start - width}}
