"""Mails as mail programs read them: addresses of pages stand in headers as they are, on one line however long."""

from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

# Folded, they would be encoded, and no mail program would find the address in them.
UNFOLDED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id"})


class _Policy(EmailPolicy):
    """Headers as SMTP wants them, those with addresses of pages on one line."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in UNFOLDED:
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in UNFOLDED:
            return self.fold(name, value).encode("ascii", "surrogateescape")
        return super().fold_binary(name, value)


class _Kinds(HeaderRegistry):
    """Kinds of headers, each made once: the library makes a class for every header of every mail."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        key = name.lower()
        if key not in self._made:
            self._made[key] = super().__getitem__(name)
        return self._made[key]


POLICY = _Policy(linesep="\r\n", header_factory=_Kinds())


class Mime(EmailMessage):
    """A mail as Django's ways of sending ask for its bytes."""

    def __init__(self, policy: Any = POLICY) -> None:
        super().__init__(policy=policy)

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        """Return the mail as it goes over the wire; by `linesep` Django says how it is kept in a file."""
        return super().as_bytes(unixfrom, policy or self.policy.clone(linesep=linesep))


def unsubscribe_headers(link: str) -> dict[str, str]:
    """Return the headers by which mail programs unsubscribe their user with one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
