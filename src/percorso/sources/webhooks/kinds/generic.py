"""Any system: what each place of a call is, is said by a mapping; its signature by a few settings."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, SecretStr

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.webhooks.kind import Call, Reading, WebhookKind, WebhookSettings
from percorso.sources.webhooks.kinds._generic_mapping import CallMapping, read_mapped
from percorso.sources.webhooks.paths import steps_of, value_at
from percorso.sources.webhooks.signatures import Algorithm, Encoding, check_signature, check_time, check_token
from percorso.sources.webhooks.values import text_of

HEADER_NAME = r"^[A-Za-z0-9-]{0,80}$"


class GenericSettings(WebhookSettings):
    """How calls are signed, named, and read."""

    proof: Literal["signature", "bearer", "token"] = Field(
        "signature", title=mark("How calls prove where they come from"),
        description=mark("A signature is best. A token in the address is known to everybody who sees the address."),
    )  # fmt: skip
    secret: SecretStr = Field(
        SecretStr(""), title=mark("Secret"), max_length=500,
        description=mark("The same as at the other side: what signs calls, or the token."),
    )  # fmt: skip
    header: str = Field(
        "X-Signature", title=mark("Header of the signature"), pattern=HEADER_NAME,
        json_schema_extra={"group": mark("The signature")},
    )  # fmt: skip
    prefix: str = Field(
        "", title=mark("Text before the signature"), max_length=20, description=mark("Such as sha256= in GitHub's calls."),
        json_schema_extra={"group": mark("The signature")},
    )  # fmt: skip
    algorithm: Algorithm = Field("sha256", title=mark("HMAC with"), json_schema_extra={"group": mark("The signature")})
    encoding: Encoding = Field("hex", title=mark("Written as"), json_schema_extra={"group": mark("The signature")})
    timestamp_header: str = Field(
        "", title=mark("Header of the time"), pattern=HEADER_NAME,
        description=mark("If the time is signed too: then the time, a dot and the body are signed."),
        json_schema_extra={"group": mark("The signature")},
    )  # fmt: skip
    id_header: str = Field(
        "", title=mark("Header of the delivery's id"), pattern=HEADER_NAME,
        description=mark("Without one, calls with the same body are the same delivery."),
        json_schema_extra={"group": mark("What a call is")},
    )  # fmt: skip
    event: str = Field(
        "", title=mark("Place of the event's name"), max_length=300, description=mark("Such as $.type; for the list of deliveries."),
        json_schema_extra={"group": mark("What a call is")},
    )  # fmt: skip
    mapping: CallMapping | None = Field(
        None, title=mark("Mapping"), json_schema_extra={"group": mark("What becomes of it"), "kind": "json"},
        description=mark("Without a mapping calls are kept and nothing is made of them: send one, then write the mapping and replay it."),
    )  # fmt: skip


class Generic(WebhookKind):
    """Any system that sends JSON: a shop, an ERP, a form, a CRM."""

    label = mark("Any other system")
    about = mark(
        "JSON of any form: a mapping says which place becomes which column of orders, tickets, answers, events …"
    )
    icon = "webhook"
    Config = GenericSettings
    steps = (
        mark("At the other side add a webhook with the address above, and the secret that you enter here."),
        mark("Let it send one call: it appears below."),
        mark("Write the mapping beside it, look at the preview, save, and replay the call."),
    )

    def check_settings(self, config: GenericSettings) -> None:
        if config.event:
            steps_of(config.event)
        if config.proof == "signature" and not config.header:
            raise BadQuestion(mark("Give the header of the signature."))

    def uses_token(self, config: GenericSettings) -> bool:
        return config.proof == "token"

    def check(self, call: Call, config: GenericSettings, now: datetime) -> None:
        secret = config.secret.get_secret_value()
        if config.proof != "signature":
            bearer = call.headers.get("authorization", "").removeprefix("Bearer ").strip()
            check_token(secret, call.token if config.proof == "token" else bearer)
            return
        at = call.headers.get(config.timestamp_header.lower(), "") if config.timestamp_header else ""
        text = at.encode() + b"." + call.body if config.timestamp_header else call.body
        given = call.headers.get(config.header.lower(), "").split(",")
        several = [one.strip().removeprefix(config.prefix) for one in given]
        check_signature(secret, text, several, config.header, config.algorithm, config.encoding)
        if config.timestamp_header:
            check_time(at, now, config.timestamp_header)

    def delivery_of(self, call: Call, config: GenericSettings) -> str:
        return call.headers.get(config.id_header.lower(), "") if config.id_header else ""

    def event_of(self, call: Call, config: GenericSettings) -> str:
        found: Any = value_at(call.data, steps_of(config.event)) if config.event else None
        return text_of(found, 100) or ""

    def read(self, call: Call, config: GenericSettings) -> Reading:
        if config.mapping is None:
            return Reading(ignored=mark("The source has no mapping yet."))
        return read_mapped(call.data, config.mapping)
