"""Mails: how they are written, and the conversation with the server that takes them."""

import smtplib
import socket
import ssl
from contextlib import suppress
from email.utils import formataddr, localtime, parseaddr
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from pydantic import SecretStr

from percorso.base.mime import POLICY, Mime
from percorso.outreach import sending
from percorso.outreach.channel import ChannelDown, Letter, TryLater, Undeliverable
from percorso.outreach.statuses import is_hard, status_in

TIMEOUT_SECONDS = 20.0
# Answers to a recipient that are about us, not about them: sign in first, encryption needed.
NOT_LET_IN = (530, 534, 535, 538)


class Sender(Protocol):
    """From whom mails come."""

    sender: str
    sender_name: str
    reply_to: str


class Server(Protocol):
    """A workspace's own mail server; `security` says how the conversation is encrypted."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str
    password: SecretStr


class _Ready(EmailMessage):
    """A mail that was put together already."""

    def __init__(self, made: Mime, sender: str, to: str) -> None:
        super().__init__(subject=str(made["Subject"]), from_email=sender, to=[to])
        self.made = made

    def message(self) -> Any:
        """Return the mail as it goes out."""
        return self.made


def mail_of(letter: Letter, sender: Sender) -> Mime:
    """Return a letter as a mail: text, and HTML beside it when there is some."""
    mail = Mime()
    name, address = sender_of(sender)
    mail["Subject"] = " ".join(letter.subject.split())
    mail["From"] = formataddr((name, address))
    mail["To"] = formataddr((" ".join(letter.name.split()), letter.address))
    if sender.reply_to:
        mail["Reply-To"] = sender.reply_to
    mail["Date"] = localtime()
    mail["Message-ID"] = message_id(letter, address)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if letter.headers.get("List-Unsubscribe"):
        mail["Precedence"] = "bulk"
    for header, value in letter.headers.items():
        if header not in mail:
            mail[header] = " ".join(value.split())
    mail.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # Last: giving the content takes all headers of a content away.
    if letter.language:
        mail["Content-Language"] = letter.language
    return mail


def sender_of(sender: Sender) -> tuple[str, str]:
    """Return the name and address that mails come from; the installation's where the workspace gives none."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return " ".join(sender.sender_name.split()) or name, sender.sender or address


def message_id(letter: Letter, sender: str) -> str:
    """Return the Message-ID: the same for every attempt, so that a mail that comes twice is known to be one."""
    return f"<{letter.id}@{sender.rpartition('@')[2] or 'localhost'}>"


class OwnServer:
    """The conversation with a workspace's own mail server, kept open between mails."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.open: smtplib.SMTP | None = None

    def deliver(self, mail: Mime, sender: str, to: str) -> None:
        """Hand one mail over.

        Raises
        ------
        smtplib.SMTPException, OSError, sending.Refused : it was not taken.
        """
        self.open = self.open or connected(self.server)
        self.open.sendmail(sender, [to], mail.as_bytes(policy=POLICY))

    def close(self) -> None:
        """End the conversation."""
        if self.open is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.open.quit()
            self.open.close()
        self.open = None


class Installation:
    """The mail server that whoever runs percorso has named; without one mails are kept in the data folder."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def deliver(self, mail: Mime, sender: str, to: str) -> None:
        """Hand one mail over; raises as `OwnServer` does."""
        self.connection.open()
        self.connection.send_messages([_Ready(mail, sender, to)])

    def close(self) -> None:
        """End the conversation."""
        with suppress(smtplib.SMTPException, OSError):
            self.connection.close()


class _Plain(smtplib.SMTP):
    """A conversation that begins in plain text, with a server that may be connected to."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection(sending.public_address(host, port), timeout)


class _Wrapped(smtplib.SMTP_SSL):
    """A conversation that is encrypted from its beginning."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        wire = socket.create_connection(sending.public_address(host, port), timeout)
        return self.context.wrap_socket(wire, server_hostname=host)


def connected(server: Server) -> smtplib.SMTP:
    """Return a conversation with a server that lets us in.

    Raises
    ------
    smtplib.SMTPException, OSError, sending.Refused : it does not.
    """
    us = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    # Made when it is needed: reading all authorities' certificates takes as long as several mails.
    context = ssl.create_default_context() if server.security != "none" else None
    talk: smtplib.SMTP
    if server.security == "tls":
        talk = _Wrapped(server.host, server.port, us, timeout=TIMEOUT_SECONDS, context=context)
    else:
        talk = _Plain(server.host, server.port, us, timeout=TIMEOUT_SECONDS)
    try:
        if server.security == "starttls":
            talk.starttls(context=context)
        if server.user:
            talk.login(server.user, server.password.get_secret_value())
    except BaseException:
        talk.close()
        raise
    return talk


def hand_over(post: OwnServer | Installation, mail: Mime, sender: str, to: str) -> None:
    """Hand a mail over, and say what a refusal means.

    Raises
    ------
    Undeliverable : this mail is never taken. TryLater : it may be, later; ChannelDown : no mail is taken now.
    """
    try:
        post.deliver(mail, sender, to)
    except smtplib.SMTPRecipientsRefused as error:
        code, told = next(iter(error.recipients.values()))
        _refused(code, _words(told))
    except smtplib.SMTPDataError as error:
        _refused(error.smtp_code, _words(error.smtp_error))
    except smtplib.SMTPServerDisconnected as error:
        post.close()
        raise TryLater(f"{error}") from error
    except smtplib.SMTPResponseException as error:
        post.close()
        raise ChannelDown(f"{error.smtp_code} {_words(error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError, sending.Refused) as error:
        post.close()
        raise ChannelDown(f"{type(error).__name__}: {error}") from error


def _refused(code: int, words: str) -> None:
    """Say what a server means that takes our mails, but not this one."""
    told = f"{code} {words}"
    if code in NOT_LET_IN or code == 421:
        raise ChannelDown(told)
    if code >= 500:
        raise Undeliverable(told, hard=is_hard(status_in(told)))
    raise TryLater(told)


def _words(told: bytes | str) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told
