"""Bodies that are nested too deeply to be read: the calls that are so are told from the others of their batch."""

import re

from percorso.sources.tracking.lines import encode

# Nobody nests so on purpose; what reads JSON gives up at about ten times as much.
DEEPEST = 100
KEPT_BYTES = 2000
PARTS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
# Within the object of a batch and its list.
CALL_DEPTH = 3


def without_deep_calls(body: bytes) -> bytes:
    """Return a batch in which each call that is nested too deeply is a text of its beginning, which is no call."""
    made, done, depth, deepest, start = [], 0, 0, 0, 0
    for part in PARTS.finditer(body):
        sign = part[0]
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if depth == CALL_DEPTH:
                start, deepest = part.start(), depth
        elif sign in b"]}":
            if depth == CALL_DEPTH and deepest > DEEPEST:
                text = body[start : min(part.end(), start + KEPT_BYTES)].decode("utf-8", "replace")
                made += [body[done:start], encode(text)]
                done = part.end()
            depth -= 1
    return b"".join([*made, body[done:]])
