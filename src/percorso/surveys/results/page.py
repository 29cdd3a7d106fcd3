"""The live page of a survey, put together: what a template shows of it."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_skeleton
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext

from percorso.accounts.models import Workspace
from percorso.analytics.format import format_value
from percorso.base import columns, words
from percorso.surveys.models import Invitation, Response
from percorso.surveys.results import figures, queries, stored
from percorso.surveys.results.breakdown import Block, Line, block_of, line_of
from percorso.surveys.results.figures import Measured, Shown, rate_of
from percorso.surveys.results.kept import kept
from percorso.surveys.results.reached import Progress, filled, progress_of
from percorso.surveys.results.scope import Scope, safe_groups
from percorso.surveys.suspicion import MARKS

QUARTILES = (0.25, 0.5, 0.75)
MOST_DAYS, MOST_WEEKS = 62, 370
State = Invitation.State
# Answered and delivered invitations by group.
Rates = Mapping[str | None, tuple[int, int]]


@dataclass(frozen=True)
class Wanted:
    """What the address of the page asks for: a breakdown, the figure that it is of, comments that hold a text."""

    by: str = ""
    figure: int = 0
    text: str = ""
    page: int = 1


@dataclass(frozen=True)
class Step:
    """Answers of a day, a week or a month, and how tall their column is, 0 to 100."""

    label: str
    n: int
    x: float
    height: float

    @property
    def top(self) -> float:
        return 100 - self.height


class Results:
    """What is shown of a survey; every part is asked for once."""

    def __init__(self, scope: Scope, wanted: Wanted) -> None:
        self.scope, self.wanted, self.survey = scope, wanted, scope.survey

    @cached_property
    def groups(self) -> list[queries.Group]:
        return queries.groups(self.scope)

    @cached_property
    def progress(self) -> Progress:
        return progress_of(self.groups, self.scope.versions)

    @cached_property
    def sent(self) -> list[queries.Sent]:
        found: list[queries.Sent] = kept(self.scope, "sent", lambda: queries.sent(self.scope))
        return found

    @cached_property
    def answers(self) -> stored.Answers:
        return stored.answers(self.scope)

    @cached_property
    def measured(self) -> list[Measured]:
        return figures.measured_by(self.scope)

    @property
    def unfinished(self) -> int:
        return self.progress.started - self.progress.completed

    @cached_property
    def on_their_way(self) -> int:
        return queries.on_their_way(self.survey)

    @cached_property
    def headlines(self) -> list[Shown]:
        return figures.headlines(self.scope, self.measured)

    @property
    def delivered(self) -> int:
        return sum(s.n for s in self.sent if s.delivered)

    @property
    def response_rate(self) -> Shown | None:
        """Invitations answered of those delivered; None when nobody was invited."""
        answered = sum(s.n for s in self.sent if s.answered)
        if not self.delivered or self.scope.hides(self.delivered):
            return None
        sample = ngettext("{answered} of {n} invitation", "{answered} of {n} invitations", self.delivered)
        told = sample.format(answered=words.count(answered), n=words.count(self.delivered))
        return rate_of(gettext("Response rate"), answered, self.delivered, told)

    @property
    def completion_rate(self) -> Shown:
        """Responses finished of those begun."""
        n, k = self.progress.started, self.progress.completed
        sample = ngettext(
            "{completed} of {n} response that was begun", "{completed} of {n} responses that were begun", n
        )
        told = sample.format(completed=words.count(k), n=words.count(n))
        return rate_of(gettext("Completion rate"), k, n, told)

    @cached_property
    def times(self) -> tuple[str, str, str] | None:
        """The quartiles of the time taken, as texts; None when there are none."""
        n = self.progress.completed
        if not n or self.scope.hides(n):
            return None
        exact = [(n - 1) * q + 1 for q in QUARTILES]
        places = sorted({f(place) for place in exact for f in (math.floor, math.ceil)})
        known = kept(self.scope, f"seconds of {n} {self.scope.until}", lambda: queries.seconds(self.scope, places))
        if any(f(place) not in known for place in exact for f in (math.floor, math.ceil)):
            return None
        between = [known[math.floor(p)] + (p % 1) * (known[math.ceil(p)] - known[math.floor(p)]) for p in exact]
        first, middle, last = (format_value(seconds, "seconds", words.language()) for seconds in between)
        return first, middle, last

    @property
    def clicks(self) -> tuple[str, str]:
        """Clicks in messages that were not confirmed, and those of programs that open links, as sentences."""
        unsure = sum(s.n for s in self.sent if s.clicked and not s.scanned and not s.answered)
        scanned = sum(s.n for s in self.sent if s.scanned)
        told = ngettext("{n} click that nobody confirmed", "{n} clicks that nobody confirmed", unsure)
        by_programs = ngettext("links of {n} invitation opened by a scanner", "links of {n} invitations opened by scanners", scanned)  # fmt: skip
        return (
            told.format(n=words.count(unsure)) if unsure else "",
            by_programs.format(n=words.count(scanned)) if scanned else "",
        )

    @cached_property
    def blocks(self) -> list[Block]:
        """The questions, those first that are asked now; earlier ones only when they were answered."""
        files, found = self._files, []
        for asked in self.scope.asked:
            key, given = asked.question.id, self.answers.given.get(asked.question.id, [])
            n = self.answers.responses.get(key, 0)
            n = max(n, files.get(key, 0))
            if asked.current or n:
                found.append(block_of(asked, self.scope, given, (n, self.progress.shown[key])))
        return found

    @cached_property
    def _files(self) -> dict[str, int]:
        asks = any(asked.question.type == "file" for asked in self.scope.asked)
        return queries.files(self.scope) if asks else {}

    @property
    def way(self) -> list[tuple[str, int, Line | None]]:
        """Questions of the live version: to how many each was shown, and who answered; None where too few did."""
        return [
            (
                b.text,
                b.shown,
                None
                if b.hidden or self.scope.hides(b.shown - b.answered or b.shown)
                else line_of("", b.answered, b.shown),
            )
            for b in self.blocks
            if b.asked.current
        ]

    @cached_property
    def days(self) -> list[Step]:
        """Answers over time; not in an anonymous survey, where times tell who."""
        if self.survey.anonymous or not self.answers.days:
            return []
        return _columns(self.answers.days)

    @cached_property
    def quotas(self) -> list[tuple[str, int, int, int]]:
        """Quotas of the live version: name, taken, limit, share in percent."""
        if self.survey.live is None:
            return []
        found = filled(self.groups, self.survey.live.definition)
        return [(q.id, n, q.limit, min(100, round(100 * n / q.limit))) for q, n in found if not self.scope.hides(n)]

    @cached_property
    def marks(self) -> list[dict[str, Any]]:
        """Why responses look suspicious: how many, and whether all of them are left out."""
        found, out = queries.marks(self.groups)
        return [
            {"key": key, "label": gettext(label), "n": found[key], "out": out[key], "all_out": out[key] == found[key]}
            for key, label in MARKS.items()
            if found[key] and not self.scope.hides(found[key])
        ]

    @cached_property
    def comments(self) -> dict[str, Any]:
        """A page of comments with the score and the response of each; only for who may read them."""
        hidden = [block.asked.question.id for block in self.blocks if block.hidden]
        found, n = stored.comments(self.scope, self.wanted.text, self.wanted.page, hidden)
        keys = [comment.response for comment in found if comment.response]
        known = {r.key: r for r in Response.objects.filter(survey=self.survey, key__in=keys).select_related("version")}
        asked = {one.question.id: one.text(self.scope.language) for one in self.scope.asked}
        lines = [
            {
                "text": comment.text,
                "at": comment.at,
                "question": asked.get(comment.question, comment.question),
                "response": known.get(comment.response or ""),
                "score": score_of(known[comment.response]) if comment.response in known else "",
            }
            for comment in found
        ]
        pages = Paginator(range(n), stored.COMMENTS)
        return {"lines": lines, "n": n, "page": pages.get_page(self.wanted.page)}

    @cached_property
    def channels(self) -> list[figures.Row]:
        """The response rate by channel, where several were used."""
        if self.wanted.by:
            return []
        rates = _rates(self.sent, "channel")
        return figures.by_group(self.scope, None, "channel", self._shown(rates)) if len(rates) > 1 else []

    def breakdown(self, workspace: Workspace) -> list[figures.Row]:
        """The chosen figure, where the survey measures any, and the response rate by the chosen column."""
        by, one = self.wanted.by, self.measured[self.wanted.figure] if self.measured else None
        if by == figures.SEGMENTS:
            return figures.by_segment(self.scope, one, workspace)
        if by in figures.OF_ANSWERS:
            rates = _rates(self.sent, by)
        else:
            rates = {value: (answered, n) for value, n, answered in stored.rates_by(self.scope, by.partition(".")[2])}
        return figures.by_group(self.scope, one, by, self._shown(rates))

    def _shown(self, rates: Rates) -> Rates:
        """Return the response rates that may be shown."""
        if not self.survey.anonymous:
            return rates
        allowed = safe_groups([(value or "", n) for value, (_, n) in rates.items()], self.scope.least)
        return {value: counts for value, counts in rates.items() if (value or "") in allowed}

    def choices(self) -> list[tuple[str, str]]:
        """By what figures and the response rate can be broken down; nothing where there is neither."""
        if not self.measured and not self.delivered:
            return []
        if self.survey.anonymous:
            return [(name, columns.column_name(name)) for name in figures.OF_ANSWERS]
        plain = [(name, columns.column_name(name)) for name in (*figures.OF_ANSWERS, *figures.OF_CUSTOMERS)]
        return [*plain, (figures.SEGMENTS, gettext("Segments"))]


def _rates(sent: Sequence[queries.Sent], column: str) -> Rates:
    """Return answered and delivered invitations by a column of theirs."""
    answered, delivered = Counter[str | None](), Counter[str | None]()
    for one in sent:
        value = getattr(one, column)
        delivered[value] += one.n if one.delivered else 0
        answered[value] += one.n if one.answered else 0
    return {value: (answered[value], n) for value, n in delivered.items() if n}


def score_of(response: Response) -> str:
    """Return the answer to the first question that measures something, as it is read; empty without one."""
    definition = response.version.definition
    for question in definition.questions():
        value = response.answers.get(question.id)
        if question.metric and isinstance(value, int | float) and not isinstance(value, bool):
            return words.count(int(value)) if float(value).is_integer() else str(value)
    return ""


def _columns(days: Mapping[date, int]) -> list[Step]:
    """Return columns by day, week or month, as long as the survey runs; days without answers are there."""
    first, last = min(days), max(days)
    length = (last - first).days
    starts = _starts(first, last, length)
    found = Counter[date]()
    for day, n in days.items():
        found[starts[bisect_right(starts, day) - 1]] += n
    skeleton = "yMMMd" if length <= MOST_WEEKS else "yMMM"
    most = max(found.values())
    return [
        Step(format_skeleton(skeleton, day, locale=words.locale()), found[day], i, round(100 * found[day] / most, 2))
        for i, day in enumerate(starts)
    ]


def _starts(first: date, last: date, length: int) -> list[date]:
    if length <= MOST_DAYS:
        return [first + timedelta(days=i) for i in range(length + 1)]
    if length <= MOST_WEEKS:
        monday = first - timedelta(days=first.weekday())
        return [monday + timedelta(weeks=i) for i in range((last - monday).days // 7 + 1)]
    months = (last.year - first.year) * 12 + last.month - first.month
    return [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1) for i in range(months + 1)
    ]
