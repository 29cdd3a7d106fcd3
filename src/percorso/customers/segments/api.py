"""The REST interface to segments: their rules as JSON, their live counts, changing them."""

from typing import Any

from ninja import P, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.accounts.models import Workspace
from percorso.analytics.segments import Rule, parse
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.customers.models import Segment
from percorso.customers.segments import actions, queries, shown
from percorso.customers.segments.builder import told
from percorso.customers.segments.counting import Size, size
from percorso.customers.segments.sentences import sentence
from percorso.errors import BadQuestion
from percorso.i18n import mark

router = Router()
Slug = Path[str, P(example="brazil-detractors", max_length=60, description="the segment's slug")]

RULE: dict[str, Any] = {
    "all": [
        {"trait": "country", "is": ["BR"]},
        {"answered": "nps", "at_most": 6.0, "within_days": 90.0},
    ]
}
SAYS = "Customers in Brazil whose latest NPS answer of the last 90 days is at most 6"
SEGMENT: dict[str, Any] = {
    "slug": "brazil-detractors", "name": "Brazil detractors", "about": "", "rule": RULE, "sentence": SAYS, "count": 0,
    "share": 0.0, "problem": None,
}  # fmt: skip
# One rule of every kind: what the document shows of the language.
KINDS: list[Any] = [
    {"all": [{"trait": "plan", "is": ["pro"]}, {"did": "tickets", "at_least": 3, "within_days": 30}]},
    {"any": [{"trait": "country", "is": ["BR"]}, {"trait": "country", "is": ["IT"]}]},
    {"not": {"segment": "brazil-detractors"}},
    {"segment": "brazil-detractors"},
    {"trait": "country", "is": ["BR", "IT"]},
    {"trait": "company", "contains": "bank"},
    {"trait": "seats", "at_least": 10},
    {"trait": "plan", "empty": True},
    {"did": "events", "where": {"name": ["Order Completed"], "properties.total": {"at_least": 100}}, "at_least": 2},
    {"did": "orders", "at_most": 0, "within_days": 60},
    {"last": "orders", "at_least_days": 60},
    {"answered": "nps", "at_most": 6, "within_days": 180},
    {"figure": "csat", "at_most": 0.5, "within_days": 365},
    {"funnel": ["Product Added", "Order Completed"], "stopped_at": 1, "window_seconds": 86400, "within_days": 30},
]
ABOUT_RULES = """\
Exactly one of these, each optionally inside of another (8 levels, 60 conditions at most); {} is everybody:
`all` and `any` (lists of rules), `not` (a rule), `segment` (a slug);
`trait` with one of `is` (values), `contains`, `at_least`, `at_most`, `empty`;
`did` (a table of facts) with `where` (column → values, or `at_least` and `at_most`; `properties.<key>` too), `at_least`, `at_most`
(0: never; without both: at least once), `within_days`;
`last` (a table) with `where`, `at_least_days`, `at_most_days`;
`answered` (a metric; its latest valid score) with `where`, `at_least`, `at_most`, `within_days`;
`figure` (an indicator of the customer alone, in its unit) with `at_least`, `at_most`, `within_days`, `options`;
`funnel` (steps: events, or objects with `event` and `where`) with `stopped_at` (the number of the last step that they got to
before the window closed; the last step: who finished), `window_seconds`, `mode` (ordered, strict, any), `anchor` (first, best),
`without` (objects with `event`, `from_step`, `to_step`), and `within_days`, or `since` and `before` (when it began)."""


class RuleIn(Strict):
    """A rule to be counted."""

    model_config = ConfigDict(extra="forbid")
    rule: dict[str, Any] = Field(description=ABOUT_RULES, json_schema_extra={"examples": KINDS})


class SegmentIn(RuleIn):
    """A segment to be made."""

    name: str = Field(min_length=1, max_length=80)
    about: str = Field("", max_length=300)


class SegmentChange(Strict):
    """What shall be different; what is not sent stays. The slug stays too."""

    name: str = Field("", min_length=1, max_length=80)
    about: str = Field("", max_length=300)
    rule: dict[str, Any] = Field(
        default_factory=dict, description="a rule, see POST /segments", json_schema_extra={"examples": KINDS}
    )


class CountOut(Schema):
    """Whom a rule holds of now."""

    sentence: str = Field(description="the rule in the language of Accept-Language")
    count: int
    share: float | None = Field(description="of all customers, 0 to 1; null when there are none")


class SegmentOut(Schema):
    """A segment, and how many customers are in it now."""

    slug: str
    name: str
    about: str
    rule: dict[str, Any] | None = Field(description="null: it picks by personal data, which the key may not read")
    sentence: str
    count: int | None
    share: float | None
    problem: str | None = Field(description="why it cannot be counted; null when it can")


@router.get(
    "/segments", auth=READ, response=Page[SegmentOut], summary="Segments", operation_id="list_segments",
    openapi_extra=example({"items": [SEGMENT], "next": None}),
)  # fmt: skip
def list_segments(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """The segments with their live counts, by slug."""
    workspace = request.auth.workspace
    rows = queries.segments(workspace).order_by("slug")
    if after := paging.after((str,)):
        rows = rows.filter(slug__gt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.slug,))
    return found | {"items": _told(workspace, found["items"], request.auth.personal)}


@router.post(
    "/segments", auth=WRITE, response={201: SegmentOut}, summary="Make a segment", operation_id="make_segment",
    openapi_extra=example(SEGMENT, 201, asked={"name": "Brazil detractors", "rule": RULE}),
)  # fmt: skip
def make_segment(request: KeyRequest, segment: SegmentIn) -> Status[dict[str, Any]]:
    """Make a segment; its slug is made of its name."""
    workspace = request.auth.workspace
    _checked(request, segment.rule)
    made = actions.make_segment(workspace, **segment.dict(), by=str(request.auth))
    return Status(201, _told(workspace, [made], request.auth.personal)[0])


@router.post(
    "/segments/preview", auth=READ, response=CountOut, summary="Count a rule", operation_id="preview_segment",
    openapi_extra=example({"sentence": SAYS, "count": 0, "share": 0.0}, asked={"rule": RULE}),
)  # fmt: skip
def preview_segment(request: KeyRequest, asked: RuleIn) -> dict[str, Any]:
    """Whom a rule holds of now, without saving it."""
    workspace = request.auth.workspace
    counted = size(workspace, _checked(request, asked.rule))
    names = dict(queries.segments(workspace).values_list("slug", "name"))
    return {"sentence": sentence(parse(asked.rule), names), **_size(counted)}


@router.get(
    "/segments/{slug}", auth=READ, response=SegmentOut, summary="One segment", operation_id="get_segment",
    openapi_extra=example(SEGMENT),
)  # fmt: skip
def get_segment(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """One segment with its live count."""
    return _told(request.auth.workspace, [_segment(request, slug)], request.auth.personal)[0]


@router.patch(
    "/segments/{slug}", auth=WRITE, response=SegmentOut, summary="Change a segment", operation_id="change_segment",
    openapi_extra=example(SEGMENT | {"about": "Whom we call"}, asked={"about": "Whom we call"}),
)  # fmt: skip
def change_segment(request: KeyRequest, slug: Slug, change: SegmentChange) -> dict[str, Any]:
    """Change what is sent; all else stays."""
    found, given = _segment(request, slug), change.dict(exclude_unset=True)
    _checked(request, {"segment": slug})
    if "rule" in given:
        _checked(request, given["rule"], slug)
    changed = actions.change_segment(found, **given, by=str(request.auth))
    return _told(request.auth.workspace, [changed], request.auth.personal)[0]


@router.delete(
    "/segments/{slug}", auth=WRITE, response={204: None}, summary="Remove a segment", operation_id="remove_segment"
)
def remove_segment(request: KeyRequest, slug: Slug) -> Status[None]:
    """Remove a segment; refused while a persona, a goal, a plan or another segment needs it."""
    found = _segment(request, slug)
    try:
        actions.remove_segment(found, by=str(request.auth))
    except BadQuestion as error:
        raise Problem(409, error.message, **error.params) from error
    return Status(204, None)


def _segment(request: KeyRequest, slug: str) -> Segment:
    found = queries.segments(request.auth.workspace).filter(slug=slug).first()
    if found is None:
        raise Problem(404, mark("There is no segment {segment}. It may have been removed."), segment=slug)
    return found


def _checked(request: KeyRequest, given: dict[str, Any], slug: str = "") -> Rule:
    """Return the resolved rule that a program gives.

    Raises
    ------
    Problem : it picks by personal data, and the key may not read that.
    """
    rule = queries.resolved(request.auth.workspace, parse(given), slug)
    refuse_personal(request, rule)
    return rule


def refuse_personal(request: KeyRequest, rule: Rule) -> None:
    """Check that a key may build a rule.

    Raises
    ------
    Problem : it picks by personal data, and the key may not read that.
    """
    if not request.auth.personal and queries.tells_about_people(rule):
        raise Problem(403, mark("This rule picks by personal data. Use a key that may read it."))


def _size(counted: Size) -> dict[str, Any]:
    return {"count": counted.count, "share": counted.share}


def _told(workspace: Workspace, rows: list[Segment], personal: bool) -> list[dict[str, Any]]:
    known, names = queries.rules_of(workspace), dict(queries.segments(workspace).values_list("slug", "name"))
    return [_one(workspace, row, known, names, personal) for row in rows]


def _one(
    workspace: Workspace, row: Segment, known: dict[str, Rule], names: dict[str, str], personal: bool
) -> dict[str, Any]:
    about = {"slug": row.slug, "name": row.name, "about": row.about}
    try:
        rule = queries.resolved(workspace, known[row.slug], row.slug, known)
        secret = not personal and queries.tells_about_people(rule)
        said = {"rule": None if secret else row.rule, "sentence": shown.said(known[row.slug], names, secret)}
        return about | said | _size(size(workspace, rule)) | {"problem": None}
    except BadQuestion as error:
        return about | {"rule": None, "sentence": "", "count": None, "share": None, "problem": told(error)}
