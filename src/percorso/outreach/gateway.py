"""Text messages over a gateway of the workspace: one signed POST a message, in the form of Standard Webhooks 1.0.0."""

import json
from typing import Any

import phonenumbers
from django.conf import settings
from django.utils import timezone
from pydantic import Field

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import sending, signing
from percorso.outreach.channel import Channel, ChannelDown, ChannelSettings, Letter, Undeliverable

# What a gateway answers when it can never send this message.
NEVER = 422


class GatewaySettings(ChannelSettings):
    """Where messages go, from whom they are, and where numbers without a country are."""

    url: str = Field(
        "", max_length=500, title=mark("Address of the gateway"), json_schema_extra={"kind": "url"},
        description=mark("A public https address that takes a signed POST for each message."),
    )  # fmt: skip
    sender: str = Field("", max_length=60, title=mark("Sender"), description=mark("As the gateway knows it."))
    country: str = Field(
        "BR", pattern="^[A-Za-z]{2}$", title=mark("Country of numbers without one"),
        description=mark("Two letters, e.g. BR or IT. Numbers that begin with + have their own."),
    )  # fmt: skip


class Gateway(Channel):
    """What channels over a gateway have in common. Gateways know a message by its id (webhook-id)."""

    Config = GatewaySettings
    idempotent = True
    signed = True

    def compared(self, address: str, config: Any = None) -> str:
        """Return a phone number as E.164 has it; one without country is of the settings' country."""
        country = config.country.upper() if isinstance(config, GatewaySettings) else None
        try:
            number = phonenumbers.parse(address, country)
        except phonenumbers.NumberParseException:
            return ""
        if not phonenumbers.is_valid_number(number):
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def check(self, config: GatewaySettings) -> None:
        """Look whether something may be sent to the gateway."""
        sending.check_address(config.url)
        if config.country.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise BadQuestion(mark("There is no country {country}. Give two letters, e.g. BR."), country=config.country)

    def body(self, letter: Letter, config: GatewaySettings) -> dict[str, Any]:
        """Return what the gateway is told."""
        told = {"id": letter.id, "channel": self.key, "to": letter.address, "text": letter.text}
        return told | {"from": config.sender, "language": letter.language, "purpose": letter.purpose}

    def send(self, letter: Letter, config: GatewaySettings) -> str:
        """Send one message; return the gateway's id of it, ours when it tells none."""
        body = json.dumps(self.body(letter, config), ensure_ascii=False).encode()
        keys = [config.secret.get_secret_value()]
        signed = signing.headers(keys, letter.id, int(timezone.now().timestamp()), body)
        headers = {"Content-Type": "application/json", "User-Agent": f"percorso ({settings.PUBLIC_URL})"}
        outcome = sending.send(config.url, body, headers | signed)
        answer = _answer(outcome.told)
        if outcome.ok:
            return str(answer.get("id") or letter.id)[:254]
        told = f"{outcome.code or ''} {answer.get('error') or outcome.told}".strip()
        if outcome.code == NEVER:
            raise Undeliverable(told, hard=answer.get("unreachable") is True)
        raise ChannelDown(told, wait_seconds=outcome.wait_seconds or 0.0)


def _answer(told: str) -> dict[str, Any]:
    try:
        found = json.loads(told)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
