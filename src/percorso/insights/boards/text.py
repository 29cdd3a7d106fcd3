"""A very small Markdown for cards: headings, lists, bold, italics, links. Everything else is shown as it was typed."""

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+|/[^\s)/][^\s)]*)\)")
BOLD = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
ITALIC = re.compile(r"(?<!\*)\*(\S(?:[^*\n]*\S)?)\*(?!\*)")
HEADING = re.compile(r"(#{1,3})\s+(.+)")
ITEM = re.compile(r"\s*[-*]\s+(.+)")
NUMBERED = re.compile(r"\s*\d{1,3}[.)]\s+(.+)")


def written(text: str) -> SafeString:
    """Return the HTML of a text: it is escaped first, so that nothing in it is HTML but what is made here."""
    return mark_safe("".join(_blocks(text)))


def plain(text: str) -> str:
    """Return the text as a mail in plain text shows it."""
    bare = LINK.sub(r"\1 (\2)", text)
    bare = ITALIC.sub(r"\1", BOLD.sub(r"\1", bare))
    return "\n".join((HEADING.fullmatch(line) or [0, 0, line])[2] for line in bare.splitlines()).strip()


def _blocks(text: str) -> Iterator[str]:
    """Give the blocks, which empty lines and changes between lists and text separate."""
    kind, lines = "", list[str]()
    for line in [*text.splitlines(), ""]:
        found = _kind(line)
        if found[0] != kind or found[0] == "h":
            yield _block(kind, lines)
            kind, lines = found[0], []
        lines.append(found[1])
    yield _block(kind, lines)


def _kind(line: str) -> tuple[str, str]:
    """Return what a line begins (h, ul, ol, p, or nothing) and its words."""
    if not line.strip():
        return "", ""
    for kind, form in (("ul", ITEM), ("ol", NUMBERED)):
        if found := form.fullmatch(line):
            return kind, found[1]
    if found := HEADING.fullmatch(line.strip()):
        return "h", found[2]
    return "p", line.strip()


def _block(kind: str, lines: list[str]) -> str:
    if not kind:
        return ""
    inner = [_inline(line) for line in lines]
    if kind in ("ul", "ol"):
        return f"<{kind}>{''.join(f'<li>{line}</li>' for line in inner)}</{kind}>"
    return f"<h3>{inner[0]}</h3>" if kind == "h" else f"<p>{'<br>'.join(inner)}</p>"


def _inline(line: str) -> str:
    """Return one line with its marks as HTML; addresses are kept apart, so that no mark is looked for in them."""
    parts, end = [], 0
    for link in LINK.finditer(line):
        parts.append(_marked(line[end : link.start()]))
        parts.append(f'<a href="{escape(link[2])}" rel="noopener noreferrer nofollow">{_marked(link[1])}</a>')
        end = link.end()
    return "".join([*parts, _marked(line[end:])])


def _marked(words: str) -> str:
    safe = str(escape(words))
    return ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", safe))
