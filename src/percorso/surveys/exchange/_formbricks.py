"""A survey of Formbricks as a definition, and its responses."""

from typing import Any

from percorso.surveys.exchange.building import UNKNOWN_TYPE, UNREAD, Builder, Piece, pieces
from percorso.surveys.exchange.format import Answered, Bind, Read, language_of, plain_text, scale_question
from percorso.surveys.exchange.grid import Grid, read_time
from percorso.surveys.questions._parts import OTHER


class Reader:
    """Reads one survey: every question is a page, as Formbricks shows it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        several = [one for one in content.get("languages") or [] if isinstance(one, dict)]
        usual = next((one for one in several if one.get("default")), {})
        self.language = language_of((usual.get("language") or {}).get("code") or "en")
        self.found = {self.language: None}
        self.builder = Builder()
        self.binds: dict[str, Bind] = {}

    def text(self, given: Any) -> dict[str, str]:
        """Return a text by language."""
        made = {}
        for code, one in (given if isinstance(given, dict) else {"default": given}).items():
            if plain := plain_text(one) if isinstance(one, str) else "":
                language = self.language if code == "default" else language_of(code)
                made[language] = plain
                self.found[language] = None
        return made

    def read(self) -> Read:
        """Return the survey."""
        for one in self.content["questions"]:
            if isinstance(one, dict):
                self._question(one)
        endings = [one for one in self.content.get("endings") or [] if isinstance(one, dict)]
        thanks = self.text(endings[0].get("headline")) if endings else {}
        self.builder.languages = list(self.found)
        title = plain_text(self.content.get("name"))
        read = self.builder.finish(title={self.language: title} if title else {}, thanks=thanks)
        read.binds = self.binds
        return read

    def _question(self, one: dict[str, Any]) -> None:
        name, kind = str(one.get("id")), str(one.get("type"))
        text = self.text(one.get("headline")) or {self.language: name}
        shown = next(iter(text.values()))[:80]
        made = self._made(kind, one, shown)
        if made is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        type_, values, found = made
        self.builder.page(f"page_{name}")
        help_ = self.text(one.get("subheader")) or self.text(one.get("html"))
        key = self.builder.add(name, type_, text, help=help_, required=bool(one.get("required")), **values)
        if one.get("logic"):
            self.builder.note(UNREAD, question=shown, condition="logic")
        if key is not None:
            self.builder.values[key] = found.ids
            self.binds[name] = Bind(key)

    def _pieces(self, several: Any) -> Piece:
        """Return choices, which answers name by their texts in any language."""
        given = [(str(one.get("id")), self.text(one.get("label"))) for one in several or [] if isinstance(one, dict)]
        return pieces([pair for pair in given if pair[0] != OTHER])

    def _made(self, kind: str, one: dict[str, Any], text: str) -> tuple[str, dict[str, Any], Piece] | None:
        ends = {"low": self.text(one.get("lowerLabel")), "high": self.text(one.get("upperLabel"))}
        if kind == "nps":
            # Formbricks asks it by this type only where it is meant.
            return "nps", {"metric": "nps", "settings": ends}, Piece()
        if kind == "rating":
            most: Any = one.get("range") if isinstance(one.get("range"), int) else 5
            if one.get("scale") == "star" and 3 <= most <= 10:
                return "stars", {"settings": {"most": most, **ends}}, Piece()
            if one.get("scale") == "smiley" and most in (3, 5):
                return "emoji", {"settings": {"points": most, **ends}}, Piece()
            type_, metric, settings = scale_question(text, 1, most)
            return type_, {"metric": metric, "settings": settings | (ends if type_ == "csat" else {})}, Piece()
        if kind in ("multipleChoiceSingle", "multipleChoiceMulti"):
            found, own = self._pieces(one.get("choices")), _other(one)
            settings = {"options": found.parts, **({"other": True, "other_text": self.text(own)} if own else {})}
            return "choice" if kind.endswith("Single") else "choices", {"settings": settings}, found
        if kind == "matrix":
            return self._matrix(one)
        if kind == "ranking":
            found = self._pieces(one.get("choices"))
            return "ranking", {"settings": {"items": found.parts}}, found
        if kind == "openText":
            return _free(one)
        if kind == "consent":
            return "consent", {"settings": {"agreement": self.text(one.get("label"))}}, Piece()
        plain = {"date": "date", "fileUpload": "file", "cta": "statement"}
        return (plain[kind], {}, Piece()) if kind in plain else None

    def _matrix(self, one: dict[str, Any]) -> tuple[str, dict[str, Any], Piece]:
        sides = []
        for name in ("rows", "columns"):
            texts = [self.text(part.get("label", part)) for part in one.get(name) or [] if isinstance(part, dict)]
            sides.append(pieces([(next(iter(text.values()), str(n)), text) for n, text in enumerate(texts)]))
        return "matrix", {"settings": {"rows": sides[0].parts, "columns": sides[1].parts}}, Piece()


def _other(one: dict[str, Any]) -> Any:
    several = [c for c in one.get("choices") or [] if isinstance(c, dict) and c.get("id") == OTHER]
    return several[0].get("label") if several else None


def _free(one: dict[str, Any]) -> tuple[str, dict[str, Any], Piece]:
    if one.get("inputType") == "number":
        return "number", {}, Piece()
    return "text", {"settings": {"lines": 4 if one.get("longAnswer", True) else 1}}, Piece()


def add_responses(read: Read, several: list[Any], zone: str) -> None:
    """Add responses as the interface gives them: answers by question, choices by their texts."""
    grid = Grid(read)
    for one in several:
        if not isinstance(one, dict) or not isinstance(one.get("data"), dict):
            continue
        at = read_time(str(one.get("updatedAt") or one.get("createdAt") or ""), "year", zone)
        if at is None or not one.get("id"):
            grid.untimed += 1
            continue
        cells = [cell for name, value in one["data"].items() for cell in _cells(read, str(name), value)]
        language = one.get("language")
        read.responses.append(
            Answered(
                key=str(one["id"]), answers=grid.answers(cells), completed_at=at,
                started_at=read_time(str(one.get("createdAt") or ""), "year", zone),
                language=language_of(language) if language and language != "default" else read.definition.language,
                complete=bool(one.get("finished")),
            )
        )  # fmt: skip
    grid.end()


def _cells(read: Read, name: str, value: Any) -> list[tuple[Bind, str]]:
    """Return an answer as cells."""
    bind = read.binds.get(name)
    question = read.definition.question(bind.question) if bind else None
    if bind is None or question is None:
        return []
    if isinstance(value, dict):
        rows = {text: row.id for row in getattr(question.config, "rows", []) for text in row.text.values()}
        return [(Bind(question.id, rows[row]), str(one)) for row, one in value.items() if row in rows]
    if isinstance(value, list):
        items = {text: p.id for p in getattr(question.config, "items", []) for text in p.text.values()}
        if question.type == "ranking":
            return [(Bind(question.id, items[one]), str(n)) for n, one in enumerate(value, 1) if one in items]
        return [(bind, ";".join(str(one) for one in value))]
    return [(bind, str(value))]
