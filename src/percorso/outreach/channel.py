"""What every channel can do. A channel is one file in `channels/`: it knows its addresses, its settings, and how to send."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from percorso.i18n import mark
from percorso.registry import Registry


class ChannelSettings(BaseModel):
    """How a workspace sends by a channel; secrets are `SecretStr`."""

    model_config = ConfigDict(extra="forbid")

    a_minute: int = Field(
        60, ge=1, le=10_000, title=mark("Messages a minute"), description=mark("More wait for the next minute.")
    )
    # Made by percorso: it signs what goes to a gateway, and what comes back from it or a mail provider.
    secret: SecretStr = SecretStr("")


@dataclass(frozen=True)
class Letter:
    """One message as a channel sends it; `id` is the same in every attempt."""

    id: str
    address: str
    name: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""


class Undeliverable(Exception):
    """The address does not take this message, now and later; the text is what the other side told.

    `hard` : there is no such address, so that nothing is ever sent to it again.
    """

    def __init__(self, told: str, *, hard: bool = True) -> None:
        super().__init__(told)
        self.hard = hard


class TryLater(Exception):
    """It could not be sent now; the text is what the other side told, `wait_seconds` how long it asks to wait."""

    def __init__(self, told: str, *, wait_seconds: float = 0.0) -> None:
        super().__init__(told)
        self.wait_seconds = wait_seconds


class ChannelDown(TryLater):
    """Nothing can be sent by this channel now, to nobody: its server does not answer, or does not let us in."""


Send = Callable[[Letter], str]


class Channel:
    """One way to reach a person."""

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    icon: ClassVar[str] = "send"
    Config: ClassVar[type[ChannelSettings]] = ChannelSettings
    # Whether a message has a subject and HTML, and how long its text may be.
    written: ClassVar[bool] = False
    most_characters: ClassVar[int | None] = None
    # Whether the other side knows by a message's id that it has it already, so that sending it twice does no harm.
    idempotent: ClassVar[bool] = False
    # Whether what it sends is signed with the settings' secret, which the other side has to know.
    signed: ClassVar[bool] = False
    # Whether it sends before somebody has given its settings.
    ready_at_once: ClassVar[bool] = False
    # Secrets that go to the places that these settings name (first the server, last the user): who changes one has to type
    # the secret again, and without a server or a user none is kept.
    bound: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # Names of a customer's columns or traits that hold its address, the first that there is.
    traits: ClassVar[tuple[str, ...]] = ()

    def address_of(self, customer: Mapping[str, Any]) -> str:
        """Return the address of a customer (its columns and traits), empty when there is none."""
        traits = customer.get("traits") or {}
        known = {**(json.loads(traits) if isinstance(traits, str) else traits), **customer}
        found = (self.compared(str(known[name])) for name in self.traits if known.get(name))
        return next((address for address in found if address), "")

    def compared(self, address: str, config: Any = None) -> str:
        """Return an address in the form in which addresses are compared and kept; empty when it is none."""
        return address.strip().casefold()

    def check(self, config: Any) -> None:
        """Look whether settings can work, without asking the network.

        Raises
        ------
        BadQuestion : something is missing, or leads where nothing is sent to.
        """

    def send(self, letter: Letter, config: Any) -> str:
        """Send a message; return the channel's own id of it.

        Raises
        ------
        Undeliverable, TryLater : it could not be sent.
        """
        raise TypeError(f"{type(self).__name__} must say how it sends")

    @contextmanager
    def sending(self, config: Any) -> Iterator[Send]:
        """Give what sends several messages, one after the other; a channel may keep its connection between them."""
        yield partial(self.send, config=config)


CHANNELS: Registry[Channel] = Registry("percorso.outreach.channels", Channel, "percorso.channels")
