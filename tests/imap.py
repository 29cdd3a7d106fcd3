"""A mailbox for tests: it speaks as much IMAP (RFC 3501) over a socket as reading reports needs."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ACCOUNT = ("bounces@acme.test", 'p"ss')


@dataclass
class Mailbox:
    """Mails by their order (UID 1, 2, …), and the UIDs of those that are read."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    box: Mailbox

    def say(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def handle(self) -> None:
        self.say("* OK IMAP4rev1 ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            self.box.commands.append(command)
            name = command.upper()
            if name.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1")
                self.say(f"{tag} OK done")
            elif name.startswith("LOGIN"):
                known = command == 'LOGIN {} "{}"'.format(ACCOUNT[0], ACCOUNT[1].replace('"', '\\"'))
                self.say(f"{tag} OK welcome" if known else f"{tag} NO [AUTHENTICATIONFAILED] wrong password")
            elif name.startswith("SELECT"):
                self.say(f"* {len(self.box.mails)} EXISTS")
                self.say(f"{tag} OK [READ-WRITE] done" if '"INBOX"' in command else f"{tag} NO no such folder")
            elif name.startswith("UID SEARCH"):
                unseen = [str(n) for n in range(1, len(self.box.mails) + 1) if n not in self.box.seen]
                self.say("* SEARCH " + " ".join(unseen))
                self.say(f"{tag} OK done")
            elif name.startswith("UID FETCH"):
                self.fetch(command)
                self.say(f"{tag} OK done")
            elif name.startswith("UID STORE"):
                self.box.seen.add(int(command.split()[2]))
                self.say(f"{tag} OK done")
            elif name == "LOGOUT":
                self.say("* BYE")
                self.say(f"{tag} OK bye")
                return
            else:
                self.say(f"{tag} BAD unknown")

    def fetch(self, command: str) -> None:
        """Answer with whole mails, or with the headers that were asked for."""
        for uid in (int(text) for text in command.split()[2].split(",")):
            mail = self.box.mails[uid - 1]
            if fields := re.search(r"HEADER\.FIELDS \(([^)]*)\)", command):
                head, wanted = mail.partition(b"\r\n\r\n")[0], fields.group(1).lower().split()
                lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
                mail = (
                    b"\r\n".join(one for one in lines if one.partition(b":")[0].decode().lower() in wanted)
                    + b"\r\n\r\n"
                )
            self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(mail)}}}".encode() + b"\r\n" + mail + b")")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run a mailbox on a free port of this machine."""
    box = Mailbox()
    handler = type("Conversation", (_Conversation,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
