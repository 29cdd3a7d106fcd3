"""Finds sentences that are built by gluing translated pieces: no translator can put such words into another order."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CALLS = {"gettext", "gettext_lazy", "ngettext", "pgettext", "npgettext", "_"}
LETTERS = re.compile(r"[A-Za-z]{2,}")
# A translated piece, then words or a value, in one run of text; a tag, a line of its own or a separator ends the run.
PIECE = r"{%\s*(?:translate|trans)\s+\"[^\"]*\"\s*%}"
GLUED = re.compile(rf"{PIECE}[ \t]*(?:[a-z]{{2,}}|{{{{|{PIECE})|(?:[A-Za-z]{{2,}}|}}}})[ \t]*{PIECE}")


def glued(root: Path) -> list[str]:
    """Return where code and templates below `root` glue sentences, as ``file:line: piece``."""
    found = []
    for path in sorted(root.rglob("*.py")):
        found += [f"{path.relative_to(root)}:{line}: {piece}" for line, piece in _in_python(path.read_text())]
    for path in sorted(root.rglob("templates/**/*.html")):
        found += [f"{path.relative_to(root)}:{line}: {piece}" for line, piece in _in_template(path.read_text())]
    return found


def _in_python(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            pieces = [piece for piece in _added(node) if _words(piece)]
            if len(pieces) > 1 and any(_translated(piece) for piece in pieces):
                yield node.lineno, ast.unparse(node)
        elif _glues(node) or _translates_a_made_text(node):
            yield node.lineno, ast.unparse(node)


def _added(node: ast.expr) -> list[ast.expr]:
    """Return what a chain of additions adds."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_added(node.left), *_added(node.right)]
    return [node]


def _translates_a_made_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _translated(node) and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)


def _glues(text: ast.AST) -> bool:
    """Whether an f-string holds a translated piece beside words or other values in one run."""
    if not isinstance(text, ast.JoinedStr):
        return False
    pieces = [part.value for part in text.values if isinstance(part, ast.FormattedValue)]
    if not any(_translated(piece) for piece in pieces):
        return False
    between = "".join(str(part.value) for part in text.values if isinstance(part, ast.Constant))
    return bool(LETTERS.search(between)) or (len(pieces) > 1 and not between.strip())


def _translated(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and bool(node.args)


def _words(node: ast.AST) -> bool:
    """Whether a piece may hold words: anything but punctuation and spaces."""
    return not isinstance(node, ast.Constant) or bool(LETTERS.search(str(node.value)))


def _in_template(source: str) -> Iterator[tuple[int, str]]:
    for match in GLUED.finditer(source):
        yield source.count("\n", 0, match.start()) + 1, match[0]
