"""WhatsApp messages."""

from typing import Any

from pydantic import Field

from percorso.i18n import mark
from percorso.outreach.channel import Letter
from percorso.outreach.gateway import Gateway, GatewaySettings


class WhatsAppSettings(GatewaySettings):
    """A gateway's settings, and the template that WhatsApp has approved."""

    template: str = Field(
        "", max_length=120, title=mark("Template"),
        description=mark("The approved template that the gateway puts the text into; empty when it needs none."),
    )  # fmt: skip


class WhatsApp(Gateway):
    """WhatsApp over the workspace's gateway, which holds the business account."""

    label = mark("WhatsApp")
    about = mark("WhatsApp messages by a gateway of yours that holds the business account.")
    icon = "message"
    Config = WhatsAppSettings
    most_characters = 4096
    traits = (
        "whatsapp",
        "mobile",
        "phone",
        "phone_number",
        "cellphone",
        "celular",
        "telefone",
        "cellulare",
        "telefono",
    )

    def body(self, letter: Letter, config: GatewaySettings) -> dict[str, Any]:
        """Return what the gateway is told, with the template."""
        template = config.template if isinstance(config, WhatsAppSettings) else ""
        return super().body(letter, config) | {"template": template, "name": letter.name}
