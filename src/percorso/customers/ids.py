"""Customers' ids in addresses. An id is any text; an address takes letters, digits, - and _, all else as ~ and hex."""

import re
import string

PLAIN = frozenset((string.ascii_letters + string.digits + "-_").encode())


class CustomerId:
    """Converter of Django's addresses: ``a@b.c`` is written ``a~40b~2Ec``, so no id can change the path."""

    regex = "[A-Za-z0-9_~-]+"

    def to_python(self, value: str) -> str:
        """Return the id; ValueError (404) when the address holds none."""
        raw = re.sub(rb"~([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), value.encode())
        text = raw.decode()
        if self.to_url(text) != value:
            raise ValueError(value)
        return text

    def to_url(self, value: str) -> str:
        """Return the id as the address carries it."""
        return "".join(chr(b) if b in PLAIN else f"~{b:02X}" for b in str(value).encode())
