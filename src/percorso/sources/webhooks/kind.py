"""What every kind of webhook source can do. A kind is one file in `kinds/`: how calls are signed, and what they say.

What a call says must not depend on what came before it: calls come twice, late and in any order. So rows have ids of
their own; a row that tells the latest state of a thing says of when it is (`Row.order`), and an older one is passed
over; and where facts need several calls together, each call leaves a note of the thing, and the facts are made of all
notes that there are (`WebhookKind.rows_of`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from percorso.customers.identity.belonging import Claim
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.registry import Registry
from percorso.sources.tracking.rows import Said

Data = dict[str, Any]
# Deeper than this no system nests what it says; a thousand brackets are an attack on the reader.
DEEPEST = 40
# What can be guessed proves nothing.
SHORTEST_SECRET = 8
NO_OBJECT = mark("The body is no JSON object.")
# Characters that JSON can write and that are no text: zero bytes, halves of pairs.
ESCAPED = re.compile(rb"\\u(0000|[dD][89a-fA-F])")


class Unusable(Exception):
    """A call that cannot become facts: a marked template and its places."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.template, self.params = template, params


class NotSigned(Unusable):
    """A call that is not proven to come from the source; the text says why, without telling a stranger anything."""


@dataclass(frozen=True)
class Call:
    """One request as it came. Names of headers are lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str = ""

    @cached_property
    def data(self) -> Data:
        """The body as an object.

        Raises
        ------
        Unusable : it is none.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or _deeper(found, DEEPEST):
            raise Unusable(NO_OBJECT)
        return _plain(found) if ESCAPED.search(self.body) else found


@dataclass(frozen=True)
class Row:
    """One row of a fact table. `thing` is what it is about; `order` of when it is, where a later state replaces it."""

    table: str
    values: Data
    thing: str = ""
    order: str = ""


@dataclass(frozen=True)
class Note:
    """What one call says of a thing whose facts need several calls together; the same `id` counts once."""

    thing: str
    id: str
    said: Data


@dataclass
class Reading:
    """What a call says.

    `claims` : which identities are one customer's. `told` : what is known of customers. `ignored` : why it says nothing that percorso keeps (marked). `trouble` : why a part of it could not be read.
    """

    rows: list[Row] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)
    ignored: str = ""
    trouble: Unusable | None = None


class WebhookSettings(BaseModel):
    """What the owner of a source says of it; secrets are `SecretStr`."""

    model_config = ConfigDict(extra="forbid")

    secret: SecretStr = SecretStr("")


class WebhookKind:
    """One system that tells something by webhooks."""

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    icon: ClassVar[str] = "webhook"
    Config: ClassVar[type[WebhookSettings]] = WebhookSettings
    # What to do at the other side, one sentence a step.
    steps: ClassVar[tuple[str, ...]] = ()
    # What it sends that percorso reads, as its own settings call it.
    events: ClassVar[tuple[str, ...]] = ()

    def check_settings(self, config: Any) -> None:
        """Look whether settings can work.

        Raises
        ------
        BadQuestion : they cannot; the text says why.
        """

    def uses_token(self, config: Any) -> bool:
        """Whether the address holds the secret, because the other side cannot sign."""
        return False

    def check(self, call: Call, config: Any, now: datetime) -> None:
        """Check that a call comes from the source.

        Raises
        ------
        NotSigned : it is not proven.
        """
        raise TypeError(f"{type(self).__name__} must say how calls are signed")

    def delivery_of(self, call: Call, config: Any) -> str:
        """Return the id by which the source names this delivery; empty when it gives none."""
        return ""

    def event_of(self, call: Call, config: Any) -> str:
        """Return what happened, as the source calls it."""
        return ""

    def read(self, call: Call, config: Any) -> Reading:
        """Return what a call says.

        Raises
        ------
        Unusable : nothing can be read; so too, with other words, for KeyError, TypeError, ValueError, AttributeError.
        """
        raise TypeError(f"{type(self).__name__} must say what calls mean")

    def rows_of(self, thing: str, notes: Sequence[Note]) -> list[Row]:
        """Return the rows that all notes of a thing make together, whatever order they came in."""
        return []


WEBHOOK_KINDS: Registry[WebhookKind] = Registry(
    "percorso.sources.webhooks.kinds", WebhookKind, "percorso.webhook_sources"
)


def checked_settings(kind: WebhookKind, values: Mapping[str, Any]) -> WebhookSettings:
    """Return settings that can work.

    Raises
    ------
    BadQuestion : a value does not fit; the text says which.
    """
    try:
        config = kind.Config.model_validate(dict(values))
    except ValidationError as error:
        place = [str(part) for part in error.errors()[0]["loc"]]
        name = place[0] if place else ""
        known = kind.Config.model_fields.get(name)
        raise BadQuestion(
            mark("{name}: this value does not fit. Expected: {expected}."),
            name=(known.title if known else None) or ".".join(place), expected=error.errors()[0]["msg"],
        ) from error  # fmt: skip
    if 0 < len(config.secret.get_secret_value()) < SHORTEST_SECRET:
        raise BadQuestion(mark("Give a secret of at least {least} characters."), least=SHORTEST_SECRET)
    kind.check_settings(config)
    return config


def _deeper(value: Any, most: int) -> bool:
    if most == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_deeper(one, most - 1) for one in inner)


def _plain(value: Any) -> Any:
    """Return a value without characters that are no text."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_plain(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value
