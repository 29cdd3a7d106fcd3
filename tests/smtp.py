"""A mail server for tests: it speaks SMTP over a socket, keeps what it takes, and refuses whom it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class Post:
    """What arrived: for whom each mail was, and the mails; `refuses` are answers by address."""

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)

    def to(self, email: str) -> list[EmailMessage]:
        """Return the mails for one address."""
        return [mail for address, mail in self.mails if address == email]


class _Conversation(socketserver.StreamRequestHandler):
    post: Post

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        to: list[str] = []
        self.say("220 mail.test ESMTP")
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith(("EHLO", "HELO")):
                self.say("250-mail.test\r\n250 8BITMIME")
            elif command.startswith("RCPT TO:"):
                address = line[8:].strip().strip("<>")
                refused = self.post.refuses.get(address)
                to += [] if refused else [address]
                self.say(refused or "250 fine")
            elif command == "DATA":
                self.say("354 go ahead")
                mail = message_from_bytes(self.body(), policy=default)
                assert isinstance(mail, EmailMessage)
                self.post.mails += [(address, mail) for address in to]
                to = []
                self.say("250 kept")
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

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
