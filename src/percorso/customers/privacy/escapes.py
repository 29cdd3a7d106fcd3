r"""JSON writes letters in two ways, as they are and as ``\u0040``: what is looked for in texts must find both."""

import re
import unicodedata

MARK = "\\u"
# Each backslash of JSON begins one of these; letters beyond 65,535 are written as two halves.
_escape = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|.)", re.DOTALL
)


def unescaped(text: str) -> str:
    r"""Return the same JSON with each letter, sign and space that need not be escaped written as it is.

    Quotation marks, backslashes, halves of letters and what cannot be seen stay: the value is the same.

    Examples
    --------
    >>> unescaped(r'"\u0061na\u0040x.it, jos\u00e9 \ud83d\ude00 \u0022 \\u0040 \u0000"')
    '"ana@x.it, josé 😀 \\u0022 \\\\u0040 \\u0000"'
    """
    return _escape.sub(_letter, text) if MARK in text else text


def _letter(found: re.Match[str]) -> str:
    high, low, one = found.groups()
    if high:
        code = 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)
    elif one:
        code = int(one, 16)
    else:
        return found[0]
    letter = chr(code)
    plain = letter.isprintable() or unicodedata.category(letter) == "Zs"
    return letter if plain and letter not in '"\\' else found[0]
