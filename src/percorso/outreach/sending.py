"""Sending to addresses that people typed: never into the own network, never further than asked, never for long."""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from django.utils import timezone

from percorso.config import setting
from percorso.errors import BadQuestion
from percorso.i18n import mark

TIMEOUT_SECONDS = 15.0
SHOWN_BYTES = 400
# Addresses that carry an IPv4 address inside: what they lead to cannot be told from outside.
TUNNELS = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class Refused(Exception):
    """An address that nothing is sent to."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: the status code (None: not reached), a short text, the seconds that the receiver asks for."""

    code: int | None
    told: str
    wait_seconds: float | None = None

    @property
    def ok(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


def check_address(url: str) -> str:
    """Return `url` when something may be sent to it, as far as can be told without asking the network.

    Raises
    ------
    BadQuestion : it is no https address, or leads into the own network.
    """
    try:
        parts = _parts(url)
        if _literal(parts.hostname or ""):
            _check_public(parts.hostname or "")
    except (Refused, ValueError, OSError) as error:
        raise BadQuestion(
            mark("Nothing can be sent to {url}. Give a public https address without a password in it."), url=url
        ) from error
    return url


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """POST `body` to `url` and return how it ended; redirects are not followed."""
    try:
        parts = _parts(url)
        address = public_address(parts.hostname or "", _port(parts))
        return _posted(parts, address, body, headers)
    except Refused as error:
        return Outcome(None, str(error))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(None, f"{type(error).__name__}: {error}"[:SHOWN_BYTES])


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    schemes = ("https", "http") if setting("PRIVATE_WEBHOOKS") else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None or parts.password is not None:
        raise Refused("not an https address")
    if any(c.isspace() or ord(c) < 32 for c in url) or parts.port == 0:
        raise Refused("not an address")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _literal(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or ":" in host or host.replace(".", "").isdecimal()


def public_address(host: str, port: int) -> tuple[str, int]:
    """Return the address to connect to. It is connected to as checked, so that a name cannot change its mind between.

    Raises
    ------
    Refused : it leads into the own network. OSError : there is no such host.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for entry in found:
        _check_public(str(entry[4][0]))
    return str(found[0][4][0]), port


def _check_public(host: str) -> None:
    if setting("PRIVATE_WEBHOOKS"):
        return
    if host == "localhost" or host.endswith(".localhost"):
        raise Refused("an address of this machine")
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # 127.1 and the like, which resolvers take for addresses.
        address = ipaddress.ip_address(socket.inet_ntoa(socket.inet_aton(host)))
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in net for net in TUNNELS):
            raise Refused("an address that leads through a tunnel")
        address = address.ipv4_mapped or address
    if not address.is_global or address.is_multicast or address.is_reserved:
        raise Refused("an address of a private network; PERCORSO_PRIVATE_WEBHOOKS=true allows those")


def _posted(parts: SplitResult, address: tuple[str, int], body: bytes, headers: Mapping[str, str]) -> Outcome:
    wire = socket.create_connection(address, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        wire = context.wrap_socket(wire, server_hostname=parts.hostname, do_handshake_on_connect=False)
    # A receiver that answers byte by byte never runs into the timeout of one read.
    limit = threading.Timer(TIMEOUT_SECONDS, _cut, [wire])
    limit.start()
    try:
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        return _asked(wire, parts, body, headers)
    finally:
        limit.cancel()
        wire.close()


def _asked(wire: socket.socket, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Outcome:
    connection = http.client.HTTPConnection(parts.hostname or "", _port(parts), timeout=TIMEOUT_SECONDS)
    connection.default_port = 443 if parts.scheme == "https" else 80  # type: ignore[misc]
    connection.sock = wire
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    told = answer.read(SHOWN_BYTES).decode("utf-8", "replace").replace("\x00", "")
    return Outcome(answer.status, told, _wait(answer.getheader("Retry-After")))


def _cut(wire: socket.socket) -> None:
    with suppress(OSError):  # closed already
        wire.shutdown(socket.SHUT_RDWR)


def _wait(text: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date."""
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None
