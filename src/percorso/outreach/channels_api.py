"""The REST interface to channels: how a workspace sends by each. Secrets are taken and never told."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from ninja import P, Path, Router, Schema
from pydantic import Field, SecretStr

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.base.rest import Page, Problem, Strict, example
from percorso.i18n import mark
from percorso.outreach import channel_accounts
from percorso.outreach.channel import CHANNELS
from percorso.outreach.channel_accounts import Way
from percorso.outreach.channel_forms import OWN

router = Router()
Key = Path[str, P(example="email", max_length=40, description="email, sms, whatsapp …: see GET /channels")]

SETTINGS: dict[str, Any] = {
    "a_minute": 60, "sender": "survey@acme.example", "sender_name": "Acme", "reply_to": "", "host": "smtp.acme.example", "port": 587,
    "security": "starttls", "user": "survey", "imap_host": "", "imap_port": 993, "imap_security": "tls", "imap_user": "",
    "imap_folder": "INBOX",
}  # fmt: skip
EMAIL: dict[str, Any] = {
    "key": "email", "label": "E-mail", "set_up": True, "sends": True, "settings": SETTINGS,
    "secrets": {"password": True, "imap_password": False},
}  # fmt: skip
ASKED = {
    "settings": {name: SETTINGS[name] for name in ("a_minute", "sender", "sender_name", "host", "user")}
    | {"password": "a secret"}
}


class ChannelIn(Strict):
    """How to send by a channel."""

    settings: dict[str, Any] = Field(
        max_length=50,
        description="all of them: what is left out gets its usual value; a secret that is left out stays, unless it would go "
        "to another server or user than before",
    )
    enabled: bool | None = Field(None, description="false: messages wait; null: as it was")


class ChannelOut(Schema):
    """A channel as the workspace has it."""

    key: str
    label: str
    set_up: bool = Field(description="whether somebody has given its settings")
    sends: bool = Field(description="whether messages go out by it now")
    settings: dict[str, Any] = Field(description="without secrets; empty until they are given")
    secrets: dict[str, bool] = Field(description="its secrets by name, and whether one is kept")


@router.get(
    "/channels", auth=READ, response=Page[ChannelOut], summary="Channels", operation_id="list_channels",
    openapi_extra=example({"items": [EMAIL], "next": None}),
)  # fmt: skip
def list_channels(request: KeyRequest) -> dict[str, Any]:
    """By what messages go out, or could."""
    return {"items": [_told(way) for way in channel_accounts.ways(request.auth.workspace)], "next": None}


@router.get(
    "/channels/{channel}", auth=READ, response=ChannelOut, summary="One channel", operation_id="get_channel",
    openapi_extra=example(EMAIL),
)  # fmt: skip
def get_channel(request: KeyRequest, channel: Key) -> dict[str, Any]:
    """How the workspace sends by a channel."""
    return _told(_way(request, channel))


@router.put(
    "/channels/{channel}", auth=WRITE, response=ChannelOut, summary="Set up a channel", operation_id="change_channel",
    openapi_extra=example(EMAIL, asked=ASKED),
)  # fmt: skip
def change_channel(request: KeyRequest, channel: Key, told: ChannelIn) -> dict[str, Any]:
    """Give the settings of a channel; sent again, nothing changes."""
    way, by, workspace = _way(request, channel), str(request.auth), request.auth.workspace
    if OWN in told.settings:
        # Made by percorso, and told once, in the settings.
        error = {"where": f"body.settings.{OWN}", "detail": gettext("This is made by percorso.")}
        raise Problem(422, mark("See errors for what does not fit, and where."), errors=[error])
    with transaction.atomic():
        channel_accounts.change_channel(workspace, channel, told.settings, by=by)
        if told.enabled is not None and told.enabled != way.sends:
            channel_accounts.switch_channel(workspace, channel, told.enabled, by=by)
    return _told(channel_accounts.way(workspace, channel))


def _way(request: KeyRequest, channel: str) -> Way:
    if channel not in CHANNELS:
        raise Problem(404, mark("There is no channel {channel}. Channels: {known}."), channel=channel, known=", ".join(CHANNELS))  # fmt: skip
    return channel_accounts.way(request.auth.workspace, channel)


def _told(way: Way) -> dict[str, Any]:
    fields = way.channel.Config.model_fields
    kept = way.account.settings if way.account else {}
    secrets = [name for name, field in fields.items() if field.annotation is SecretStr and name != OWN]
    shown = {name for name in fields if name not in secrets and name != OWN}
    return {
        "key": way.channel.key,
        "label": gettext(way.channel.label),
        "set_up": way.account is not None,
        "sends": way.sends,
        "settings": {name: value for name, value in kept.items() if name in shown},
        "secrets": {name: bool(kept.get(name)) for name in secrets},
    }
