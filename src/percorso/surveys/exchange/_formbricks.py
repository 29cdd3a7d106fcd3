"""A survey of Formbricks as a definition: of blocks with elements, or of questions, as it was before them."""

import re
from typing import Any

from percorso.surveys.exchange._formbricks_logic import JUMPS, Logic, Unread
from percorso.surveys.exchange.building import (
    JUMP,
    LOST,
    LOST_SURVEY,
    PICTURES,
    SEVERAL,
    UNKNOWN_TYPE,
    UNREAD,
    Builder,
    Piece,
    pieces,
)  # fmt: skip
from percorso.surveys.exchange.format import Bind, Read, language_of, plain_text, scale_question
from percorso.surveys.exchange.logic import END, Said, every, negated, some
from percorso.surveys.exchange.recall import Recalls
from percorso.surveys.questions._parts import OTHER

RECALLED = re.compile(r"#recall:(?P<name>[^/#]+)/fallback:(?P<usual>[^#]*)#")
ADDRESS = ("addressLine1", "addressLine2", "city", "state", "zip", "country")
CONTACT = ("firstName", "lastName", "email", "phone", "company")
PARTS = {"address": ADDRESS, "contactInfo": CONTACT}
ORDERED = (None, "none")
Made = tuple[str, dict[str, Any], Piece]


class Reader:
    """Reads one survey: every block is a page, as Formbricks shows it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        several = [one for one in content.get("languages") or [] if isinstance(one, dict)]
        usual = next((one for one in several if one.get("default")), {})
        code = usual.get("language") or {}
        self.language = language_of((code.get("code") if isinstance(code, dict) else code) or usual.get("code") or "en")
        self.found = {self.language: None}
        self.builder = Builder()
        self.builder.recalls = Recalls(RECALLED, self._recalled)
        self.binds: dict[str, Bind] = {}
        self.logic = Logic(self.builder.ids, self.builder.values)

    def text(self, given: Any) -> dict[str, str]:
        """Return a text by language."""
        made = {}
        for code, one in (given if isinstance(given, dict) else {"default": given}).items():
            if plain := plain_text(one) if isinstance(one, str) else "":
                language = self.language if code == "default" else language_of(code)
                made[language] = plain
                self.found[language] = None
        return made

    def _recalled(self, found: re.Match[str]) -> str:
        key = self.builder.ids.get(found["name"])
        return f"{key}|{found['usual'].replace('nbsp', ' ').strip('{} ')}" if key else ""

    def read(self) -> Read:
        """Return the survey."""
        blocks = [one for one in self.content.get("blocks") or [] if isinstance(one, dict)]
        if not blocks:
            asked = [one for one in self.content.get("questions") or [] if isinstance(one, dict)]
            blocks = [{**one, "elements": [one]} for one in asked]
        self._welcome(self.content.get("welcomeCard"))
        for block in blocks:
            self._block(block)
        thanks = self._endings()
        for setting in ("hiddenFields", "variables", "followUps"):
            given = self.content.get(setting)
            if given and (not isinstance(given, dict) or given.get("fieldIds")):
                self.builder.note(LOST_SURVEY, setting=setting)
        self.builder.languages = list(self.found)
        title = plain_text(self.content.get("name"))
        read = self.builder.finish(title={self.language: title} if title else {}, thanks=thanks)
        read.binds = self.binds
        return read

    def _welcome(self, card: Any) -> None:
        if isinstance(card, dict) and card.get("enabled"):
            text = self.text(card.get("headline"))
            help_ = self.text(card.get("subheader")) or self.text(card.get("html"))
            if text or help_:
                self.builder.page("welcome")
                self.builder.add("welcome", "statement", text or help_, help=help_ if text else {})

    def _endings(self) -> dict[str, str]:
        """Return the thanks: those of the first ending; others, and where they lead, cannot be kept."""
        several = [one for one in self.content.get("endings") or [] if isinstance(one, dict)]
        thanks: dict[str, str] = {}
        for i, one in enumerate(several):
            head, more = self.text(one.get("headline")), self.text(one.get("subheader"))
            shown = next(iter(head.values()), "") or str(one.get("label") or one.get("url") or one.get("id"))
            if i == 0:
                both = {language: [head.get(language), more.get(language)] for language in head | more}
                thanks = {language: "\n".join(filter(None, told)) for language, told in both.items()}
            if i > 0 or one.get("type") == "redirectToUrl":
                self.builder.note(LOST_SURVEY, setting=f"ending: {shown[:80]}")
            elif one.get("buttonLink"):
                self.builder.note(LOST_SURVEY, setting=str(one["buttonLink"])[:80])
        return thanks

    def _block(self, block: dict[str, Any]) -> None:
        name = str(block.get("id"))
        self.builder.page(f"page_{name}")
        self.builder.places.setdefault(f"block {name}", self.builder.here())
        shown = name
        for one in block.get("elements") or []:
            if isinstance(one, dict):
                shown = self._element(one)
        if block.get("logic") or block.get("logicFallback"):
            self._jumps(block, shown)

    def _jumps(self, block: dict[str, Any], shown: str) -> None:
        several: list[Said | None] = []
        for rule in block.get("logic") or []:
            if not isinstance(rule, dict):
                continue
            try:
                when = self._when(block, rule)
            except Unread:
                self.builder.note(UNREAD, question=shown, condition="logic")
                continue
            for action in rule.get("actions") or [{"objective": JUMPS[0], "target": rule.get("destination")}]:
                if action.get("objective") not in JUMPS:
                    self.builder.note(LOST, question=shown, setting=str(action.get("objective")))
                    continue
                before = some(several)
                self._jump(every([negated(before) if before else None, when]), action.get("target"), shown)
                several.append(when)
        if block.get("logicFallback"):
            otherwise = some(several)
            self._jump(negated(otherwise) if otherwise else None, block["logicFallback"], shown)

    def _when(self, block: dict[str, Any], rule: dict[str, Any]) -> Any:
        if isinstance(rule.get("conditions"), dict):
            return self.logic.group(rule["conditions"])
        key = self.builder.ids.get(str(block.get("id")))
        if key is None or key not in self.builder.values:
            raise Unread
        return self.logic.compared(key, str(rule.get("condition")), rule.get("value"))

    def _jump(self, when: Any, target: Any, shown: str) -> None:
        endings = [str(one.get("id")) for one in self.content.get("endings") or [] if isinstance(one, dict)]
        if str(target) in endings[1:]:
            self.builder.note(JUMP, question=shown, to=str(target))
        to = END if str(target) in ("end", *endings) else f"block {target}"
        self.builder.jump(when, to, shown=shown, goal=str(target))

    def _element(self, one: dict[str, Any]) -> str:
        name, kind = str(one.get("id")), str(one.get("type"))
        text = self.text(one.get("headline")) or {self.language: name}
        shown = next(iter(text.values()))[:80]
        if kind in PARTS:
            self._parts(one, kind, shown)
            return shown
        made = self._made(kind, one, shown)
        if made is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return shown
        type_, values, found = made
        help_ = self.text(one.get("subheader")) or self.text(one.get("html"))
        key = self.builder.add(name, type_, text, help=help_, required=bool(one.get("required")), **values)
        self._losses(one, shown)
        if key is not None:
            if type_ != "statement":
                self.builder.values[key] = found.ids
            self.binds[name] = Bind(key)
        return shown

    def _losses(self, one: dict[str, Any], shown: str) -> None:
        """Note what a question has that none here can have."""
        if one.get("imageUrl") or one.get("videoUrl"):
            self.builder.note(PICTURES, question=shown)
        lost = {
            "shuffleOption": one.get("shuffleOption") not in ORDERED,
            "inputType": one.get("inputType") not in (None, "text", "number"),
            "validation": (one.get("validation") or {}).get("rules"),
            "buttonUrl": one.get("buttonExternal") and one.get("buttonUrl"),
            "allowMultipleFiles": one.get("allowMultipleFiles"),
        }
        for setting, is_lost in lost.items():
            if is_lost:
                self.builder.note(LOST, question=shown, setting=setting)

    def _parts(self, one: dict[str, Any], kind: str, shown: str) -> None:
        """Ask the lines of an address, or what to know of a person, one by one; answers name them by their places."""
        asked = [(i, part) for i, part in enumerate(PARTS[kind]) if (one.get(part) or {}).get("show")]
        self.builder.note(SEVERAL, question=shown, type=kind, n=len(asked))
        for i, part in asked:
            text = self.text(one[part].get("placeholder")) or {self.language: part}
            required = bool(one.get("required") and one[part].get("required"))
            name = f"{one.get('id')}_{part}"
            if (key := self.builder.add(name, "text", text, required=required, settings={"lines": 1})) is not None:
                self.builder.values[key] = {}
                self.binds[f"{one.get('id')} {i}"] = Bind(key)

    def _pieces(self, several: Any) -> Piece:
        """Return choices by their ids; logic may name them by their labels too."""
        given = [(str(one.get("id")), self.text(one.get("label"))) for one in several or [] if isinstance(one, dict)]
        found = pieces([pair for pair in given if pair[0] != OTHER], taken=[OTHER])
        named = {told: found.ids.get(key, OTHER) for key, text in given for told in text.values()}
        own = {OTHER: OTHER} if any(key == OTHER for key, _ in given) else {}
        return Piece({**named, **found.ids, **own}, found.parts)

    def _made(self, kind: str, one: dict[str, Any], text: str) -> Made | None:
        if kind in ("nps", "rating", "csat", "ces"):
            return self._scale(kind, one, text)
        if kind in ("multipleChoiceSingle", "multipleChoiceMulti"):
            found, own = self._pieces(one.get("choices")), _other(one)
            settings: dict[str, Any] = {"options": found.parts}
            settings |= {"other": True, "other_text": self.text(own)} if own else {}
            single = kind.endswith("Single")
            settings |= {"look": "menu"} if single and one.get("displayType") == "dropdown" else {}
            return "choice" if single else "choices", {"settings": settings}, found
        if kind == "pictureSelection":
            self.builder.note(PICTURES, question=text)
            found = self._pieces(one.get("choices"))
            return "choices" if one.get("allowMulti") else "choice", {"settings": {"options": found.parts}}, found
        if kind == "matrix":
            return self._matrix(one)
        if kind == "ranking":
            found = self._pieces(one.get("choices"))
            return "ranking", {"settings": {"items": found.parts}}, found
        if kind == "openText":
            return _free(one)
        if kind == "consent":
            return "consent", {"settings": {"agreement": self.text(one.get("label"))}}, Piece()
        if kind == "fileUpload":
            size = one.get("maxSizeInMB")
            return "file", {"settings": {"megabytes": min(50, size)} if isinstance(size, int | float) else {}}, Piece()
        plain = {"date": "date", "cta": "statement"}
        return (plain[kind], {}, Piece()) if kind in plain else None

    def _scale(self, kind: str, one: dict[str, Any], text: str) -> Made:
        ends = {"low": self.text(one.get("lowerLabel")), "high": self.text(one.get("upperLabel"))}
        if kind == "nps":
            # Formbricks asks it by this type only where it is meant.
            return "nps", {"metric": "nps", "settings": ends}, Piece()
        most: Any = one.get("range") if isinstance(one.get("range"), int) else 5
        metric = "csat" if kind == "csat" else ""
        if kind == "ces" and most == 7:
            return "ces", {"metric": "ces", "settings": ends}, Piece()
        if one.get("scale") == "star" and 3 <= most <= 10:
            return "stars", {"metric": metric, "settings": {"most": most, **ends}}, Piece()
        if one.get("scale") == "smiley" and most in (3, 5):
            return "emoji", {"metric": metric, "settings": {"points": most, **ends}}, Piece()
        type_, guessed, settings = scale_question(text, 1, most)
        with_ends = settings | (ends if type_ == "csat" else {})
        return type_, {"metric": metric or guessed, "settings": with_ends}, Piece()

    def _matrix(self, one: dict[str, Any]) -> Made:
        sides = []
        for name in ("rows", "columns"):
            several = [part for part in one.get(name) or [] if isinstance(part, dict)]
            texts = [self.text(part.get("label", part)) for part in several]
            ids = [str(part["id"]) if "label" in part and part.get("id") else "" for part in several]
            sides.append(pieces([(key or next(iter(t.values()), "-"), t) for key, t in zip(ids, texts, strict=True)]))
        return "matrix", {"settings": {"rows": sides[0].parts, "columns": sides[1].parts}}, sides[1]


def _other(one: dict[str, Any]) -> Any:
    several = [c for c in one.get("choices") or [] if isinstance(c, dict) and c.get("id") == OTHER]
    return several[0].get("label") if several else None


def _free(one: dict[str, Any]) -> Made:
    if one.get("inputType") == "number":
        return "number", {}, Piece()
    limit = one.get("charLimit") or {}
    most = limit.get("max") if limit.get("enabled") else None
    longest = {"longest": min(10_000, most)} if isinstance(most, int) and most > 0 else {}
    return "text", {"settings": {"lines": 4 if one.get("longAnswer", True) else 1, **longest}}, Piece()
