"""What a mail server's codes say about an address (RFC 5321, RFC 3463)."""

import re

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
BASIC = re.compile(r"(?<![\d.])([245]\d\d)(?![\d.])")
# Without a finer code: no such mailbox, not here, a name that is not allowed.
HARD = ("550", "551", "553")
# The mailbox is full, the message too large, the system ill, our message or our server not wanted: the address exists.
NOT_THE_ADDRESS = ("5.2.2", "5.2.3", "5.3.", "5.6.", "5.7.")


def status_in(*texts: str) -> str:
    """Return the finest code in what a server told: ``5.1.1`` before ``550``; empty when there is none.

    Examples
    --------
    >>> status_in("5.0.0", "smtp; 550 5.7.1 blocked")
    '5.7.1'
    >>> status_in("", "smtp; 550 no such user")
    '550'
    """
    codes = [match.group() for text in texts for match in ENHANCED.finditer(text)]
    exact = [code for code in codes if not code.endswith(".0.0")]
    basic = [match.group() for text in texts for match in BASIC.finditer(text)]
    return next(iter([*exact, *basic, *codes]), "")


def is_hard(status: str) -> bool:
    """Whether a code says that there is no such address, for good.

    Examples
    --------
    >>> [is_hard(code) for code in ("5.1.1", "550", "5.2.2", "5.7.1", "554", "4.4.7", "")]
    [True, True, False, False, False, False, False]
    """
    if status in HARD:
        return True
    return status.startswith("5.") and not status.startswith(NOT_THE_ADDRESS)
