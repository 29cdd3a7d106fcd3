"""E-mail, by the workspace's own server or the installation's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import Field, SecretStr

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach.channel import Channel, ChannelSettings, Letter, Send
from percorso.outreach.mail import Installation, OwnServer, hand_over, mail_of, message_id, sender_of

LONGEST = 254
SENDER, SERVER, MAILBOX = mark("From whom mails are"), mark("A mail server of your own"), mark("Mails that come back")


def _part(group: str, kind: str = "") -> dict[str, Any]:
    return {"group": group, "kind": kind}


class EmailSettings(ChannelSettings):
    """The server that takes mails, from whom they are, and the mailbox into which they come back."""

    a_minute: int = Field(
        120, ge=1, le=10_000, title=mark("Messages a minute"), description=mark("More wait for the next minute.")
    )
    sender: str = Field(
        "", max_length=254, title=mark("Sender address"), json_schema_extra=_part(SENDER, "email"),
        description=mark("Empty: that of the installation. With a server of your own, an address of your domain."),
    )  # fmt: skip
    sender_name: str = Field("", max_length=120, title=mark("Sender name"), json_schema_extra=_part(SENDER))
    reply_to: str = Field(
        "", max_length=254, title=mark("Answers go to"), json_schema_extra=_part(SENDER, "email"),
        description=mark("Empty: to the sender."),
    )  # fmt: skip
    host: str = Field(
        "", max_length=254, title=mark("Mail server"), json_schema_extra=_part(SERVER),
        description=mark("Empty: the server of the installation. Otherwise its name, e.g. smtp.example.com."),
    )  # fmt: skip
    port: int = Field(587, ge=1, le=65535, title=mark("Port"), json_schema_extra=_part(SERVER))
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", title=mark("Encryption"), json_schema_extra=_part(SERVER)
    )
    user: str = Field("", max_length=254, title=mark("User name"), json_schema_extra=_part(SERVER))
    password: SecretStr = Field(SecretStr(""), title=mark("Password"), json_schema_extra=_part(SERVER))
    imap_host: str = Field(
        "", max_length=254, title=mark("Server of the mailbox for bounces (IMAP)"), json_schema_extra=_part(MAILBOX),
        description=mark("Mails that cannot be delivered come back to the sender. percorso reads there which ones."),
    )  # fmt: skip
    imap_port: int = Field(993, ge=1, le=65535, title=mark("Port of the mailbox"), json_schema_extra=_part(MAILBOX))
    imap_security: Literal["tls", "none"] = Field(
        "tls", title=mark("Encryption of the mailbox"), json_schema_extra=_part(MAILBOX)
    )
    imap_user: str = Field("", max_length=254, title=mark("User name of the mailbox"), json_schema_extra=_part(MAILBOX))
    imap_password: SecretStr = Field(
        SecretStr(""), title=mark("Password of the mailbox"), json_schema_extra=_part(MAILBOX)
    )
    imap_folder: str = Field(
        "INBOX", max_length=120, title=mark("Folder of the mailbox"), json_schema_extra=_part(MAILBOX)
    )


class Email(Channel):
    """Mails over SMTP. A server does not know a mail by its id: who dies between sending and noting may send it twice."""

    label = mark("E-mail")
    about = mark("Mails with text and HTML, by the installation's mail server or one of your own.")
    icon = "mail"
    Config = EmailSettings
    written = True
    ready_at_once = True
    bound = {"password": ("host", "port", "security", "user"), "imap_password": ("imap_host", "imap_port", "imap_security", "imap_user")}  # fmt: skip
    traits = ("email", "e_mail", "email_address", "id")

    def compared(self, address: str, config: Any = None) -> str:
        """Return an address in small letters, its domain as servers write it."""
        local, _, domain = address.strip().casefold().rpartition("@")
        try:
            found = f"{local}@{domain.encode('idna').decode('ascii')}"
            validate_email(found)
        except (UnicodeError, ValidationError):
            return ""
        return found if found.isascii() and len(found) <= LONGEST else ""

    def check(self, config: EmailSettings) -> None:
        """Look whether there is a sender for a server."""
        for address in (config.sender, config.reply_to):
            if address and not self.compared(address):
                raise BadQuestion(mark("{address} is no e-mail address."), address=address)
        if config.host and not config.sender:
            raise BadQuestion(mark("Give the sender's address: a mail server of your own takes mails of your domain."))
        if config.imap_host and not (config.imap_user and config.imap_password.get_secret_value()):
            raise BadQuestion(mark("Give the user name and password of the mailbox."))

    def send(self, letter: Letter, config: EmailSettings) -> str:
        """Send one mail; return its Message-ID."""
        with self.sending(config) as send:
            return send(letter)

    @contextmanager
    def sending(self, config: EmailSettings) -> Iterator[Send]:
        """Give what sends mails over one connection."""
        post = OwnServer(config) if config.host else Installation()
        sender = sender_of(config)[1]

        def send(letter: Letter) -> str:
            hand_over(post, mail_of(letter, config), sender, letter.address)
            return message_id(letter, sender)

        try:
            yield send
        finally:
            post.close()
