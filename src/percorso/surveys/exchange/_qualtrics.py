"""A questionnaire of Qualtrics (.qsf) as a definition."""

import re
from typing import Any

from percorso.surveys.exchange._qualtrics_flow import ENDING, Flow
from percorso.surveys.exchange._qualtrics_logic import Logic, Unread, said, several
from percorso.surveys.exchange._qualtrics_types import MAKERS, Asked, Parts, splits
from percorso.surveys.exchange.building import (
    LOST,
    LOST_SURVEY,
    OWN_TEXT,
    PICTURES,
    SEVERAL,
    UNKNOWN_TYPE,
    UNREAD,
    Builder,
    Piece,
    pieces,
    shown_if,
)  # fmt: skip
from percorso.surveys.exchange.format import Bind, Read, language_of, plain_text, question_id
from percorso.surveys.exchange.logic import Said, chosen, every
from percorso.surveys.exchange.recall import Recalls
from percorso.surveys.questions._parts import OTHER

RECALLED = re.compile(r"\$\{(?P<kind>\w+)://(?P<said>[^}]+)\}")
NOTHING = ("None", "OFF", "", None, False)
# What Qualtrics calls surveys whose title nobody wrote.
USUAL_TITLES = ("Qualtrics Survey", "Online Survey Software")
NO_CODE = re.compile(
    r"/\*.*?\*/|//[^\n]*|Qualtrics\.SurveyEngine\.add\w+\(function\(\)|[{}();\s]", re.DOTALL
)  # fmt: skip


class Reader:
    """Reads one questionnaire."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.entry = several(content.get("SurveyEntry"))
        self.elements = [one for one in content["SurveyElements"] if isinstance(one, dict)]
        self.questions = {
            str(one.get("PrimaryAttribute")): one["Payload"]
            for one in self.elements
            if one.get("Element") == "SQ" and isinstance(one.get("Payload"), dict)
        }
        self.language = language_of(self.entry.get("SurveyLanguage") or "EN")
        self.found = {self.language: None}
        self.builder = Builder()
        self.builder.recalls = Recalls(RECALLED, self._recalled)
        self.binds: dict[str, Bind] = {}
        self.logic = Logic()

    def payloads(self, element: str) -> list[dict[str, Any]]:
        """Return what elements of a kind hold."""
        found = [one.get("Payload") for one in self.elements if one.get("Element") == element]
        return [one for one in found if isinstance(one, dict)]

    def read(self) -> Read:
        """Return the questionnaire; blocks become pages."""
        held = [one.get("Payload") for one in self.elements if one.get("Element") == "BL"]
        blocks = [block for one in held for block in several(one).values() if isinstance(block, dict)]
        Flow(self, blocks, list(self.payloads("FL"))).read()
        options = next(iter(self.payloads("SO")), {})
        self._losses(options)
        self._quotas()
        self.builder.languages = list(self.found)
        told = plain_text(options.get("SurveyTitle"))
        title = told if told and not told.startswith(USUAL_TITLES) else str(self.entry.get("SurveyName") or "")
        progress = {"progress": False} if options.get("ProgressBarDisplay") == "None" else {}
        read = self.builder.finish(title={self.language: title} if title else {}, **progress)
        read.binds = self.binds
        return read

    def note_ending(self, options: dict[str, Any]) -> None:
        """Note what happens at an end that none here can do."""
        ending = str(
            options.get("SurveyTermination") or ("DisplayMessage" if options.get("EOSMessage") else "DefaultMessage")
        )
        if ending == "Redirect":
            self.builder.note(LOST_SURVEY, setting=f"{ending}: {options.get('EOSRedirectURL')}"[:200])
        elif ending != "DefaultMessage":
            self.builder.note(ENDING)

    def _losses(self, options: dict[str, Any]) -> None:
        """Note what the survey has that none here can have."""
        self.note_ending(options)
        for setting in ("Header", "Footer"):
            if plain_text(options.get(setting)):
                self.builder.note(LOST_SURVEY, setting=setting)

    def _quotas(self) -> None:
        for one in self.payloads("QO"):
            name, limit = str(one.get("Name") or one.get("ID")), str(one.get("Occurrences") or "")
            try:
                when = self.logic.tree(one.get("Logic"))
                key = question_id(name, [quota["id"] for quota in self.builder.quotas], "quota")
                self.builder.quotas.append({"id": key, "when": when, "limit": max(1, int(limit))})
            except (Unread, ValueError):
                self.builder.note(LOST_SURVEY, setting=f"quota: {name}")

    def _recalled(self, found: re.Match[str]) -> str:
        match = re.fullmatch(r"(?P<question>QID\d+)/(ChoiceGroup/SelectedChoices|ChoiceTextEntryValue)", found["said"])
        if found["kind"] == "q":
            return self.logic.ids.get(match["question"], "") if match else ""
        if found["kind"] == "m" and found["said"] in ("FirstName", "LastName"):
            return "customer.name"
        trait = found["said"].removeprefix("Field/")
        if found["kind"] == "e" and trait not in self.logic.set_here and re.fullmatch(r"[a-z0-9_]+", trait):
            return f"customer.{trait}"
        return ""

    def texts(self, payload: dict[str, Any], *path: str) -> dict[str, str]:
        """Return a text of a question by language."""
        made = {}
        for code, content in [("", payload), *several(payload.get("Language")).items()]:
            for step in path:
                content = several(content).get(step)
            if isinstance(content, str | int | float) and (plain := plain_text(content)):
                language = language_of(code) if code else self.language
                made[language] = plain
                self.found[language] = None
        return made

    def shown(self, payload: dict[str, Any]) -> str:
        """Return how notes call a question."""
        texts = self.texts(payload, "QuestionText")
        return next(iter(texts.values()), str(payload.get("DataExportTag") or payload.get("QuestionID")))[:80]

    def options(self, payload: dict[str, Any], where: str = "Choices", *, other: str = "") -> Piece:
        """Return choices in their order, by their numbers, with scores; the one with a text of its own apart."""
        choices = several(payload.get(where))
        order = [str(one) for one in payload.get(where.removesuffix("s") + "Order") or choices]
        given = [(n, self.texts(payload, where, n, "Display")) for n in order if n in choices and n != other]
        found = pieces(given, _scores(payload, where), [OTHER] if other else [])
        if other:
            found.ids[other] = OTHER
        if any(several(one).get("Image") for one in choices.values()):
            self.builder.note(PICTURES, question=self.shown(payload))
        return found

    def question(self, key: str, payload: dict[str, Any], around: Said | None = None) -> None:
        """Read one question; of some types it becomes several."""
        kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
        shown = self.shown(payload)
        self._lost(payload, shown)
        condition = every([around, self._condition(payload, shown)])
        if kind == "SBS":
            self._beside(key, payload, condition)
            return
        if split := splits(payload):
            self._split(key, payload, split(self, payload), condition)
            return
        maker = MAKERS.get(f"{kind}.{selector}") or MAKERS.get(kind)
        if maker is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=f"{kind} {selector}")
            return
        self._one(key, payload, maker(self, payload, shown), condition)

    def _one(self, key: str, payload: dict[str, Any], asked: Asked, condition: Said | None) -> None:
        text = self.texts(payload, "QuestionText") or {self.language: str(payload.get("DataExportTag") or key)}
        force = several(several(payload.get("Validation")).get("Settings")).get("ForceResponse")
        name = str(payload.get("DataExportTag") or key)
        added = self.builder.add(
            key if name in self.builder.ids else name, asked.type, text, metric=asked.metric, settings=asked.settings,
            required=force == "ON", **shown_if(condition),
        )  # fmt: skip
        if added is None:
            return
        self.builder.ids[key] = added
        if asked.type != "statement":
            self.logic.ids[key] = added
        self.logic.choices[key] = dict(asked.values) if asked.type != "matrix" else {}
        recoded = {
            str(new): asked.values[n] for n, new in several(payload.get("RecodeValues")).items() if n in asked.values
        }
        self.builder.values[added] = {n: str(v) for n, v in (asked.values | recoded).items()}
        self.binds |= {f"{key}{rest}": Bind(added, part) for rest, part in asked.columns.items()}
        for number in asked.own_texts:
            self._own_text(key, added, payload, (number, asked.values[number], condition))

    def _own_text(self, key: str, added: str, payload: dict[str, Any], about: tuple[str, Any, Said | None]) -> None:
        """Ask for the text beside a choice that is not the first with one, in a question of its own."""
        number, value, condition = about
        text = self.texts(payload, "Choices", number, "Display") or {self.language: number}
        self.builder.note(OWN_TEXT, question=self.shown(payload), option=next(iter(text.values()))[:80])
        when = every([condition, chosen(added, [value])])
        own = self.builder.add(f"{added}_{number}_text", "text", text, settings={"lines": 1}, **shown_if(when))
        if own is not None:
            self.builder.values[own] = {}
            self.binds[f"{key}_{number}_TEXT"] = Bind(own)

    def _split(self, key: str, payload: dict[str, Any], parts: Parts, condition: Said | None) -> None:
        told = f"{payload.get('QuestionType')} {payload.get('Selector')}"
        self.builder.note(SEVERAL, question=self.shown(payload), type=told, n=len(parts))
        text = self.texts(payload, "QuestionText")
        if text:
            self.builder.add(f"{key}_about", "statement", text, **shown_if(condition))
        for part in parts:
            name = f"{payload.get('DataExportTag') or key}_{part.name}"
            label = part.text or {self.language: part.name}
            added = self.builder.add(name, part.type, label, settings=part.settings, **shown_if(condition))
            if added is not None:
                self.builder.values[added] = {n: str(v) for n, v in part.values.items()}
                self.binds |= {f"{key}{rest}": Bind(added, of) for rest, of in part.columns.items()}

    def _beside(self, key: str, payload: dict[str, Any], condition: Said | None) -> None:
        """Ask the columns of a side-by-side question one after the other."""
        asked = several(payload.get("AdditionalQuestions"))
        self.builder.note(SEVERAL, question=self.shown(payload), type="SBS", n=len(asked))
        if text := self.texts(payload, "QuestionText"):
            self.builder.add(f"{key}_about", "statement", text, **shown_if(condition))
        for n, one in asked.items():
            if isinstance(one, dict):
                self.question(f"{key}#{n}", {"Choices": payload.get("Choices"), **one}, condition)

    def _condition(self, payload: dict[str, Any], shown: str) -> Said | None:
        logic = payload.get("DisplayLogic")
        if not logic:
            return None
        try:
            return self.logic.tree(logic)
        except Unread:
            self.builder.note(UNREAD, question=shown, condition=said(logic))
            return None

    def _lost(self, payload: dict[str, Any], shown: str) -> None:
        """Note what a question has that none here can have."""
        self.builder.note_media(payload.get("QuestionText"), shown)
        if payload.get("QuestionType") == "DB" and payload.get("Graphics"):
            self.builder.note(PICTURES, question=shown)
        checks = several(several(payload.get("Validation")).get("Settings"))
        choices = [several(one) for one in several(payload.get("Choices")).values()]
        lost = {
            "Choice Randomization": several(payload.get("Randomization")).get("Type") not in NOTHING,
            "Carry Forward Choices": payload.get("DynamicChoices"),
            "JavaScript": NO_CODE.sub("", str(payload.get("QuestionJS") or "")),
            "Default Choices": payload.get("DefaultChoices") not in (False, None, [], {}),
            "Custom Validation": checks.get("CustomValidation"),
            "Display Logic of choices": any(one.get("DisplayLogic") for one in choices),
        }
        for setting, is_lost in lost.items():
            if is_lost:
                self.builder.note(LOST, question=shown, setting=setting)


def _scores(payload: dict[str, Any], where: str) -> dict[str, float]:
    """Return what choices count: as they are graded, else the values that they were recoded to; none of others."""
    graded = [one for one in several(payload.get("GradingData")).values() if isinstance(one, dict)]
    side = "ChoiceID" if where == "Choices" else "AnswerID"
    given: dict[str, Any] = {}
    for one in graded:
        grades = list(several(one.get("Grades")).values())
        if grades and one.get(side) is not None:
            given[str(one[side])] = grades[0]
    scaled = where == "Answers" or payload.get("QuestionType") == "MC"
    if not given and scaled:
        given = several(payload.get("RecodeValues"))
    left_out = {n for n, counts in several(payload.get("AnalyzeChoices")).items() if counts == "No"}
    try:
        scores = {n: float(value) for n, value in given.items() if n not in left_out}
    except (TypeError, ValueError):
        return {}
    return scores if len(set(scores.values())) > 1 else {}
