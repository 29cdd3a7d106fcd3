"""How a workspace sends by each channel: what it has set up, and changes of it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from pydantic import SecretStr, ValidationError

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import signing
from percorso.outreach.channel import CHANNELS, Channel, ChannelSettings
from percorso.outreach.messages import TEST, queue_message
from percorso.outreach.models import ChannelAccount, Message

By = Person | str
FIRST = 9


@dataclass(frozen=True)
class Way:
    """A channel as a workspace has it: its settings (None: none given yet), and whether messages go out."""

    channel: Channel
    account: ChannelAccount | None

    @property
    def sends(self) -> bool:
        return self.account.enabled if self.account else self.channel.ready_at_once


def ways(workspace: Workspace) -> list[Way]:
    """Return all channels as a workspace has them."""
    accounts = {account.channel: account for account in workspace.channels.all()}
    return [Way(channel, accounts.get(key)) for key, channel in CHANNELS.items()]


def way(workspace: Workspace, channel: str) -> Way:
    """Return one channel as a workspace has it.

    Raises
    ------
    Unknown : there is no such channel.
    """
    return Way(CHANNELS[channel], workspace.channels.filter(channel=channel).first())


@transaction.atomic
def change_channel(workspace: Workspace, channel: str, values: Mapping[str, Any], *, by: By) -> ChannelAccount:
    """Keep the settings of a channel; secrets that are empty stay as they are.

    Raises
    ------
    BadQuestion : a value that does not fit, an address that nothing is sent to, or a secret that has to be typed again.
    """
    kind = CHANNELS[channel]
    account = workspace.channels.select_for_update().filter(channel=channel).first()
    kept = account.settings if account else {"secret": signing.new_secret()}
    asked = _with_secrets(kind, kept, values)
    try:
        config = kind.Config.model_validate(asked)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        title = kind.Config.model_fields[name].title if name in kind.Config.model_fields else name
        raise BadQuestion(mark("{name}: this value does not fit."), name=title or name) from error
    kind.check(config)
    account = account or ChannelAccount(workspace=workspace, channel=channel)
    account.settings = plain(config)
    account.save()
    audit.record("channel_changed", workspace, by=by, target=channel)
    return account


@transaction.atomic
def switch_channel(workspace: Workspace, channel: str, enabled: bool, *, by: By) -> None:
    """Let messages of a channel out, or keep them waiting."""
    found = way(workspace, channel)
    if found.account is None and not found.channel.ready_at_once:
        raise BadQuestion(mark("Give the settings of the channel first."))
    account = found.account or ChannelAccount(
        workspace=workspace, channel=channel, settings=plain(found.channel.Config(secret=_new_secret()))
    )
    account.enabled = enabled
    account.save()
    audit.record("channel_changed", workspace, by=by, target=channel, enabled=enabled)


@transaction.atomic
def change_channel_secret(workspace: Workspace, channel: str, *, by: By) -> str:
    """Give a channel a new secret and return it; the old one holds no more."""
    found = way(workspace, channel)
    known = plain(found.channel.Config()) if found.account is None else found.account.settings
    account = found.account or ChannelAccount(workspace=workspace, channel=channel, enabled=found.channel.ready_at_once)
    account.settings = known | {"secret": signing.new_secret()}
    account.save()
    audit.record("channel_changed", workspace, by=by, target=channel, what="secret")
    return str(account.settings["secret"])


@transaction.atomic
def try_channel(workspace: Workspace, channel: str, address: str, *, subject: str, text: str, by: By) -> Message:
    """Send a message that means nothing, to see that it arrives.

    Raises
    ------
    BadQuestion : the channel is not set up, or the address is none.
    """
    reference = f"test:{secrets.token_hex(4)}"
    message = queue_message(
        workspace, channel=channel, purpose=TEST, address=address, subject=subject, text=text, exempt=True,
        reference=reference, priority=FIRST,
    )  # fmt: skip
    audit.record("channel_tested", workspace, by=by, target=channel)
    return message


def plain(config: ChannelSettings) -> dict[str, Any]:
    """Return settings as they are kept: secrets in plain text."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in config.model_dump().items()
    }


def _new_secret() -> SecretStr:
    return SecretStr(signing.new_secret())


def _with_secrets(kind: Channel, kept: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked for with the secrets that were not typed, unless they would go to another place than before."""
    asked = {**values, "secret": kept["secret"]}
    for name, places in kind.bound.items():
        if asked.get(name) or not kept.get(name):
            continue
        if not (asked.get(places[0]) and asked.get(places[-1])):
            asked[name] = ""
        elif any(asked.get(place) != kept.get(place) for place in places):
            title = kind.Config.model_fields[name].title or name
            raise BadQuestion(mark("{name}: type it again, for the server or the user has changed."), name=title)
        else:
            asked[name] = kept[name]
    return asked
