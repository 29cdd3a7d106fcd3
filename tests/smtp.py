"""A mail server for tests: it speaks SMTP over a socket, keeps what it takes, and refuses whom it is told to refuse."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class Post:
    """What arrived: for whom each mail was, and the mails.

    `refuses` : answers by address, several after one another when there are more. `account` : name and password that must
    be given. `taken` : answers after a mail, "" breaks the line off when the mail has been kept. `tls` : lets STARTTLS.
    """

    port: int = 0
    refuses: dict[str, str | list[str]] = field(default_factory=dict)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    account: tuple[str, str] | None = None
    taken: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    conversations: int = 0
    encrypted: int = 0

    def to(self, email: str) -> list[EmailMessage]:
        """Return the mails for one address."""
        return [mail for address, mail in self.mails if address == email]

    def answer_to(self, address: str) -> str | None:
        """Return what is said to a recipient when it is refused."""
        told = self.refuses.get(address)
        return (told.pop(0) if told else None) if isinstance(told, list) else told


class _Conversation(socketserver.StreamRequestHandler):
    post: Post

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.to: list[str] = []
        self.known = self.post.account is None
        self.post.conversations += 1
        self.say("220 mail.test ESMTP")
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith(("EHLO", "HELO")):
                self.say("\r\n".join(["250-mail.test", *self.offers(), "250 8BITMIME"]))
            elif command == "STARTTLS" and self.post.tls:
                self.encrypt()
            elif command.startswith("AUTH PLAIN"):
                self.sign_in(line.split()[2])
            elif not self.known and command.startswith(("MAIL", "RCPT", "DATA")):
                self.say("530 5.7.0 Authentication required")
            elif command.startswith("MAIL FROM:"):
                self.post.senders.append(line[10:].split()[0].strip("<>"))
                self.say("250 fine")
            elif command.startswith("RCPT TO:"):
                self.recipient(line[8:].strip().strip("<>"))
            elif command == "DATA":
                self.say("354 go ahead")
                if not self.take(self.body()):
                    return
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def offers(self) -> list[str]:
        """Return what the greeting offers."""
        return (["250-AUTH PLAIN"] if self.post.account else []) + (["250-STARTTLS"] if self.post.tls else [])

    def encrypt(self) -> None:
        """Go on encrypted."""
        self.say("220 go ahead")
        assert self.post.tls is not None
        wire = self.post.tls.wrap_socket(self.connection, server_side=True)
        self.connection, self.rfile, self.wfile = wire, wire.makefile("rb"), wire.makefile("wb", 0)  # type: ignore[assignment]
        self.post.encrypted += 1

    def sign_in(self, told: str) -> None:
        """Check name and password."""
        _, user, password = base64.b64decode(told).decode().split("\0")
        self.known = (user, password) == self.post.account
        self.say("235 2.7.0 welcome" if self.known else "535 5.7.8 Authentication credentials invalid")

    def recipient(self, address: str) -> None:
        """Take or refuse a recipient."""
        refused = self.post.answer_to(address)
        self.to += [] if refused else [address]
        self.say(refused or "250 fine")

    def take(self, body: bytes) -> bool:
        """Keep a mail and say so; false when the line breaks off instead."""
        answer = self.post.taken.pop(0) if self.post.taken else "250 kept"
        if answer == "" or answer.startswith("2"):
            mail = message_from_bytes(body, policy=default)
            assert isinstance(mail, EmailMessage)
            self.post.mails += [(address, mail) for address in self.to]
            self.post.raw.append(body)
        self.to = []
        if answer:
            self.say(answer)
        return bool(answer)

    def body(self) -> bytes:
        """Return the mail, its dots unstuffed."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


@contextmanager
def post_office() -> Iterator[Post]:
    """Run a mail server on a free port of this machine."""
    post = Post()
    handler = type("Conversation", (_Conversation,), {"post": post})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        post.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield post
        server.shutdown()
