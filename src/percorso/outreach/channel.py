"""What every channel can do. A channel is one file in `channels/`: it knows its addresses, its settings, and how to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from percorso.registry import Registry


class ChannelSettings(BaseModel):
    """How a workspace sends by a channel; secrets are `SecretStr`."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Letter:
    """One message as a channel sends it."""

    id: str
    address: str
    name: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Undeliverable(Exception):
    """The address takes nothing, now and later; the text is what the other side told."""


class TryLater(Exception):
    """It could not be sent now; the text is what the other side told."""


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

    def address_of(self, customer: Mapping[str, Any]) -> str:
        """Return the address of a customer (its columns and traits), empty when there is none."""
        return ""

    def compared(self, address: str) -> str:
        """Return an address in the form in which addresses are compared; empty when it is none."""
        return address.strip().casefold()

    def send(self, letter: Letter, config: Any) -> str:
        """Send a message; return the channel's own id of it.

        Raises
        ------
        Undeliverable, TryLater : it could not be sent.
        """
        raise TypeError(f"{type(self).__name__} must say how it sends")


CHANNELS: Registry[Channel] = Registry("percorso.outreach.channels", Channel, "percorso.channels")
