"""The mailbox into which mails come back, read over IMAP: reports are noted and marked as read, all else is left alone."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

from percorso.accounts.models import Workspace
from percorso.base import jobs
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.outreach import sending
from percorso.outreach.channels.email import EmailSettings
from percorso.outreach.endings import note_return, settings_of
from percorso.outreach.models import ChannelAccount
from percorso.outreach.returns import READ_BYTES, is_report, returns_in

TIMEOUT_SECONDS = 30.0
# Returns come within days; older mails are not looked at.
LOOKED_BACK = timedelta(days=14)
AT_ONCE = 1000
HEADERS = "(BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)])"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UID = re.compile(rb"\bUID (\d+)\b")


class MailboxClosed(UserError):
    """The mailbox cannot be read."""


class _Plain(imaplib.IMAP4):
    """A conversation in plain text, with a server that may be connected to."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection(sending.public_address(self.host, self.port), timeout)


class _Wrapped(imaplib.IMAP4_SSL):
    """An encrypted conversation."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        wire = socket.create_connection(sending.public_address(self.host, self.port), timeout)
        return self.ssl_context.wrap_socket(wire, server_hostname=self.host)


def queue_mailboxes() -> int:
    """Have every mailbox for bounces read; return how many there are."""
    accounts = ChannelAccount.objects.filter(channel="email", enabled=True).select_related("workspace")
    slugs = [account.workspace.slug for account in accounts if account.settings.get("imap_host")]
    for slug in slugs:
        jobs.enqueue("read_mailbox", workspace=slug)
    return len(slugs)


def read_mailbox_of(slug: str) -> int:
    """Read the mailbox of a workspace; return how many mails of ours came back."""
    workspace = Workspace.objects.filter(slug=slug).first()
    config = settings_of(workspace, "email") if workspace else None
    if workspace is None or not isinstance(config, EmailSettings) or not config.imap_host:
        return 0
    return read_returns(workspace, config)


def read_returns(workspace: Workspace, config: EmailSettings) -> int:
    """Note the bounces and complaints in a mailbox that are not read yet; return how many are about our messages.

    Raises
    ------
    MailboxClosed : the server does not answer, or does not let us in.
    """
    noted = 0
    try:
        with _opened(config) as box:
            for uid in _reports(box):
                returns = returns_in(_whole(box, uid))
                ours = [found for found in returns if note_return(workspace, "email", found)]
                noted += len(ours)
                if ours:
                    box.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")
    except (imaplib.IMAP4.error, OSError, sending.Refused) as error:
        raise MailboxClosed(mark("The mailbox for bounces cannot be read: {told}"), told=_words(error)) from error
    return noted


@contextmanager
def _opened(config: EmailSettings) -> Iterator[imaplib.IMAP4]:
    box: imaplib.IMAP4
    if config.imap_security == "tls":
        context = ssl.create_default_context()
        box = _Wrapped(config.imap_host, config.imap_port, ssl_context=context, timeout=TIMEOUT_SECONDS)
    else:
        box = _Plain(config.imap_host, config.imap_port, timeout=TIMEOUT_SECONDS)
    try:
        box.login(config.imap_user, config.imap_password.get_secret_value())
        folder = config.imap_folder.replace("\\", "\\\\").replace('"', '\\"')
        kind, told = box.select(f'"{folder}"')
        if kind != "OK":
            raise imaplib.IMAP4.error(told[0])
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()


def _reports(box: imaplib.IMAP4) -> list[str]:
    """Return the unread mails of the last days that look like reports, the oldest first."""
    since = datetime.now(UTC) - LOOKED_BACK
    _, found = box.uid("SEARCH", "UNSEEN", "SINCE", f"{since.day:02}-{MONTHS[since.month - 1]}-{since.year}")
    uids = (found[0] or b"").decode().split()[:AT_ONCE]
    if not uids:
        return []
    _, answers = box.uid("FETCH", ",".join(uids), HEADERS)
    reports = []
    for answer in answers:
        if isinstance(answer, tuple) and (number := UID.search(answer[0])):
            head = message_from_bytes(answer[1])
            if is_report(str(head.get("Content-Type", "")), str(head.get("X-Failed-Recipients", ""))):
                reports.append(number.group(1).decode())
    return reports


def _whole(box: imaplib.IMAP4, uid: str) -> bytes:
    """Return a mail, without marking it as read; of a large one its beginning."""
    _, answers = box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ_BYTES}>)")
    return next((bytes(answer[1]) for answer in answers if isinstance(answer, tuple)), b"")


def _words(error: BaseException) -> str:
    told = error.args[0] if error.args else error
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(error)
    return f"{type(error).__name__}: {text}"[:300]
