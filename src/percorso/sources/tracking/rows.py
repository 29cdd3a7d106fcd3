"""From calls to rows of the fact table of events, and to what they say of who somebody is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from percorso.customers.identity.belonging import Claim
from percorso.customers.identity.contacts import identities_in
from percorso.customers.privacy.escapes import unescaped
from percorso.sources.tracking.calls import UNREADABLE
from percorso.sources.tracking.lines import Line, encode

ANONYMOUS = "anonymous:"
NAMES = {"page": "Page Viewed", "screen": "Screen Viewed"}
# What of the context is kept with an event. The address is not: it tells who somebody is, and nothing asks for it.
KEPT = ("campaign", "locale", "timezone", "os", "app", "library")
# A time in milliseconds since 1970, which some clients send.
MILLISECONDS = 1e11
# What no database takes in a text.
NUL = "\0"
# Longer contexts, in bytes, are read each time: what is remembered stays small.
MOST_REMEMBERED = 4000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
Who = str | int | float | None


class Page(msgspec.Struct):
    """What a context says of the page."""

    path: Any = None
    url: Any = None


class Context(msgspec.Struct):
    """What a context says that becomes a column, or is kept."""

    page: Page | None = None
    device: Any = None
    userAgent: Any = None
    channel: Any = None
    sessionId: Any = None
    groupId: Any = None
    traits: dict[str, Any] | None = None
    campaign: Any = None
    locale: Any = None
    timezone: Any = None
    os: Any = None
    app: Any = None
    library: Any = None


class Props(msgspec.Struct):
    """Properties that are columns of events."""

    path: Any = None
    url: Any = None
    session_id: Any = None
    touchpoint: Any = None
    name: Any = None


NO_PROPS = Props()


class Call(msgspec.Struct):
    """A call as a whole."""

    type: str | None = None
    messageId: Who = None
    userId: Who = None
    anonymousId: Who = None
    previousId: Who = None
    groupId: Who = None
    event: str | None = None
    name: Any = None
    properties: msgspec.Raw = msgspec.Raw()
    traits: dict[str, Any] | None = None
    context: msgspec.Raw = msgspec.Raw()
    timestamp: Any = None
    originalTimestamp: Any = None
    sentAt: Any = None


class Said(msgspec.Struct, frozen=True):
    """What a call says of who somebody is: ids of one customer, and what is known of it (`traits`), or of its company."""

    at: datetime
    ids: tuple[str, ...]
    kind: str = ""
    traits: Mapping[str, Any] = msgspec.field(default_factory=dict)
    group: str = ""


class Row(NamedTuple):
    """The row of an event, but for the customer that the identity is."""

    id: str
    identity: str
    at: datetime
    channel: str
    touchpoint: str | None
    name: str
    session: str | None
    page: str | None
    device: str | None
    received_at: datetime
    properties: str


read_call = msgspec.json.Decoder(Call).decode
_read_context = msgspec.json.Decoder(Context).decode
_read_props = msgspec.json.Decoder(Props).decode
_read_any = msgspec.json.Decoder().decode
NULL = b"null"


class Unreadable(Exception):
    """A call that makes no fact."""


def row_of(line: Line) -> tuple[Row | None, Said | None]:
    """Return the row of a line's call (None: it is no event) and what it says of who somebody is (None: nothing but one id).

    Raises
    ------
    Unreadable : a part of it is of another type than it must be.
    """
    try:
        return _row_of(line)
    except (*UNREADABLE, ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from error


def _row_of(line: Line) -> tuple[Row | None, Said | None]:
    call = read_call(line.call)
    own, outer, part = bytes(call.context), bytes(line.context), "context"
    try:
        around = (_remembered if len(own) + len(outer) < MOST_REMEMBERED else _around)(own, outer)
        own, part = bytes(call.properties), "properties"
        props = _read_props(own) if own and own != NULL else NO_PROPS
    except UNREADABLE as error:
        raise Unreadable(f"{part}: {error}") from error
    kind = line.kind or call.type or ""
    received = datetime.fromtimestamp(line.received, UTC)
    at = instant_of(call, line, received)
    user, anonymous = _id(call.userId), _id(call.anonymousId)
    name = _id(call.event) if kind == "track" else NAMES.get(kind)
    alone = name and not (user and anonymous) and not around.tells and call.groupId is None
    said = None if alone else _said(call, kind, at, user, anonymous, around)
    if not name:
        return None, said
    row = Row(
        f"{line.source}-{_id(call.messageId) or line.id}",
        user or ANONYMOUS + anonymous,
        at,
        around.channel,
        _text(props.touchpoint),
        name,
        _text(props.session_id) or around.session,
        _page(call, kind, props, around),
        around.device,
        received,
        _properties(own, around.kept),
    )
    return row, said


def claims_of(said: Said) -> list[Claim]:
    """Return what a call claims: its ids are one customer's, and so are an e-mail address and a phone that it tells.

    The id before an alias may be one of a visitor or of a customer; whichever it is, the source says that it is the same.
    """
    if len(said.ids) == 1 and not said.traits:
        return []
    first, *others = said.ids
    if said.kind == "alias":
        *others, previous = others
        joined = [Claim(first, previous, joins=True), Claim(first, ANONYMOUS + previous, joins=True)]
    else:
        joined = []
    told = [] if said.kind == "group" else identities_in(said.traits)
    return [*joined, *(Claim(first, other) for other in (*others, *told))]


def instant_of(call: Call, line: Line, received: datetime) -> datetime:
    """Return when it happened by the server's clock: what the client's clock was wrong by is taken off (conventions 4.1).

    Without a time of sending nothing can be told about the clock; what lies in the future happened when it came, and so
    did what lies before 1970: no clock that was ever set says that.
    """
    original = _instant(call.originalTimestamp) if call.originalTimestamp is not None else None
    original = original or _instant(call.timestamp)
    if original is None:
        return received
    sent = _instant(call.sentAt) if call.sentAt is not None else None
    sent = sent or (_instant(_read_any(line.sent)) if _given(line.sent) else None)
    try:
        at = received - (sent - original) if sent is not None else original
    except OverflowError:
        return received
    return at if EARLIEST <= at <= received else received


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows as the store takes them, but for the customers."""
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    zoned = {name: pa.array(columns[name], pa.timestamp("us", tz="UTC")) for name in ("at", "received_at")}
    times = {name: column.cast(pa.timestamp("us")) for name, column in zoned.items()}
    return pa.table({name: times.get(name) or pa.array(values, pa.string()) for name, values in columns.items()})


def with_customers(events: pa.Table, customers: Mapping[str, str]) -> pa.Table:
    """Return events, each with the customer that its identity is."""
    identities = events["identity"].combine_chunks().dictionary_encode()
    known = pa.array([customers.get(one, one) for one in identities.dictionary.to_pylist()], pa.string())
    return events.append_column("customer", known.take(identities.indices))


def _said(call: Call, kind: str, at: datetime, user: str, anonymous: str, around: "Around") -> Said:
    ids = [user] if user else []
    ids += [ANONYMOUS + anonymous] if anonymous else []
    if kind == "alias":
        ids.append(_id(call.previousId))
    traits = call.traits or {} if kind in ("identify", "group") else around.traits
    return Said(at, tuple(ids), kind, traits, _id(call.groupId) or around.group)


class Around(NamedTuple):
    """What a context says, worked out once: calls of one device or server have the same, to the letter."""

    channel: str
    device: str | None
    session: str | None
    path: str | None
    url: str | None
    group: str
    traits: Mapping[str, Any]
    kept: str

    @property
    def tells(self) -> bool:
        """Whether it says something of who somebody is."""
        return bool(self.group or self.traits)


def _around(own: bytes, outer: bytes) -> Around:
    """Return what the context of a call says; what it leaves open is that of its batch."""
    context = _read_context(own) if own and own != NULL else Context()
    if outer and outer != NULL:
        batch = _read_context(outer)
        names = Context.__struct_fields__
        context = Context(
            *(getattr(context, f) if getattr(context, f) is not None else getattr(batch, f) for f in names)
        )
    kept = {name: value for name in KEPT if (value := getattr(context, name)) is not None}
    page = context.page or Page()
    return Around(
        _channel(context),
        _device(context),
        _text(context.sessionId),
        _text(page.path),
        _text(page.url),
        _text(context.groupId) or "",
        context.traits or {},
        encode(kept).decode() if kept else "",
    )


_remembered = lru_cache(maxsize=4096)(_around)


def _given(raw: msgspec.Raw) -> bool:
    return len(bytes(raw)) > 0 and bytes(raw) != NULL


def _properties(own: bytes, kept: str) -> str:
    """Return the properties as they came, without escapes, and with what is kept of the context under a name of its own."""
    told = unescaped(own.decode().strip()) if own and own != NULL else "{}"
    if not kept or '"context"' in told:
        return told
    inside = told[:-1].rstrip()
    return f'{inside}{"" if inside == "{" else ","}"context":{kept}}}'


def _page(call: Call, kind: str, props: Props, around: Around) -> str | None:
    if kind == "screen":
        return _text(call.name) or _text(props.name)
    return _text(props.path) or around.path or _text(props.url) or around.url or _text(call.name)


def _channel(context: Context) -> str:
    told = _text(context.channel)
    if told in ("browser", "mobile", "server"):
        return {"browser": "web", "mobile": "app", "server": "server"}[told]
    library = _text(context.library.get("name")) if isinstance(context.library, dict) else None
    if library and library.startswith("analytics.js"):
        return "web"
    return "app" if isinstance(context.device, dict) and context.device.get("type") in ("ios", "android") else "server"


def _device(context: Context) -> str | None:
    told = _text(context.device.get("type")) if isinstance(context.device, dict) else None
    if told:
        return {"ios": "mobile", "android": "mobile"}.get(told.lower(), told.lower())
    agent = (_text(context.userAgent) or "").lower()
    if not agent:
        return None
    if "ipad" in agent or "tablet" in agent or ("android" in agent and "mobile" not in agent):
        return "tablet"
    return "mobile" if "mobi" in agent or "iphone" in agent else "desktop"


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        try:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value / 1000 if value > MILLISECONDS else value)
        except OverflowError:
            return None
    return None


def _id(value: Who) -> str:
    if value is None:
        return ""
    text = value if type(value) is str else str(value)
    return (text.replace(NUL, "") if NUL in text else text).strip()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).replace(NUL, "").strip()[:2000] or None
    return None
