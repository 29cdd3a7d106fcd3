"""One question of each type with settings as people use them, an answer to each, and a page that shows them all."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from percorso.surveys.definition import Question, told
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions.consent import version_of

AGREEMENT = "I agree that my answers are stored for two years."
PEOPLE = [
    {"id": "staff", "text": {"en": "Our staff", "it": "Il personale"}},
    {"id": "prices", "text": {"en": "Prices"}},
]
VERDICTS = ["Very unsatisfied", "Unsatisfied", "Neutral", "Satisfied", "Very satisfied"]
MANY = [{"id": key, "text": {"en": key.title()}} for key in ("speed", "price", "help", "taste", "nothing")]
RATES = [{"id": f"r{n}", "text": {"en": text}} for n, text in enumerate(VERDICTS, 1)]
ENDS = {1: "1 Strongly disagree", 7: "7 Strongly agree"}
GRADES = [{"id": f"g{n}", "text": {"en": ENDS.get(n, str(n))}, "score": n} for n in range(1, 8)]

# Type, what it asks, more of the question, what a form sends, the answer kept.
Sample = tuple[str, str, Mapping[str, Any], Mapping[str, str | list[str]], Any]
SAMPLES: dict[str, Sample] = {
    "nps": ("nps", "How likely are you to recommend Aurora to a friend or colleague?", {"metric": "nps", "required": True}, {"nps": "9"}, 9),
    "ten": ("csat", "Overall, how was it?", {"metric": "csat", "settings": {"lowest": 1, "highest": 10}}, {"ten": "10"}, 10),
    "named": ("csat", "How satisfied are you with the delivery?", {"metric": "csat", "settings": {"labels": {n: {"en": text} for n, text in enumerate(VERDICTS, 1)}}}, {"named": "4"}, 4),
    "effort": ("ces", "How much effort did you personally have to put forth to handle your request?", {"metric": "ces", "settings": {"edition": "1.0"}}, {"effort": "1"}, 1),
    "ease": ("ces", "Aurora made it easy for me to handle my issue.", {"metric": "ces"}, {"ease": "7"}, 7),
    "stars": ("stars", "How do you rate the restaurant?", {"metric": "csat"}, {"stars": "3"}, 3),
    "faces": ("emoji", "How do you feel about your visit?", {}, {"faces": "5"}, 5),
    "solved": ("choice", "Was your problem solved at the first contact?", {"metric": "fcr", "required": True}, {"solved": "yes"}, "yes"),
    "where": ("choice", "Where did you hear of us?", {"settings": {"options": PEOPLE, "other": True}}, {"where": "other", "where.other": "On the radio"}, {"option": "other", "text": "On the radio"}),
    "menu": ("choice", "What was it about?", {"help": {"en": "Choose the nearest."}, "settings": {"options": MANY, "look": "menu"}}, {"menu": "taste"}, "taste"),
    "several": ("choices", "What did you like?", {"settings": {"options": MANY, "other": True, "most": 3, "alone": ["nothing"]}}, {"several": ["speed", "other"], "several.other": "the view"}, ["speed", {"option": "other", "text": "the view"}]),
    "grid": ("matrix", "How satisfied are you with …", {"metric": "experience", "required": True, "settings": {"rows": [*PEOPLE, {"id": "care", "text": {"en": "Care after the purchase"}}], "columns": RATES}}, {"grid.staff": "r5", "grid.prices": "r2", "grid.care": "r3"}, {"staff": "r5", "prices": "r2", "care": "r3"}),
    "pillars": ("matrix", "How much do you agree?", {"metric": "six_pillars", "settings": {"rows": [{"id": "knows", "text": {"en": "They know who I am"}, "pillar": "personalization"}, {"id": "honest", "text": {"en": "They are honest"}, "pillar": "integrity"}], "columns": GRADES}}, {"pillars.knows": "g6"}, {"knows": "g6"}),
    "points": ("matrix", "How often …", {"settings": {"rows": [{"id": "late", "text": {"en": "are we late?"}}, {"id": "wrong", "text": {"en": "is something wrong or missing?"}}], "columns": [{"id": str(n), "score": n} for n in range(1, 8)]}}, {"points.late": "2", "points.wrong": "1"}, {"late": "2", "wrong": "1"}),
    "order": ("ranking", "What matters most to you?", {"settings": {"items": MANY[:4]}}, {"order.speed": "2", "order.price": "1", "order.help": "4", "order.taste": "3"}, ["price", "speed", "taste", "help"]),
    "why": ("text", "What is the main reason for your score?", {}, {"why": "Quick,\r\nand kind\x00"}, "Quick,\nand kind"),
    "word": ("text", "In one word?", {"settings": {"lines": 1, "longest": 20}}, {"word": " kind "}, "kind"),
    "minutes": ("number", "How long did you wait?", {"settings": {"least": 0, "most": 600, "step": 0.5, "unit": {"en": "minutes"}}}, {"minutes": "12,5"}, 12.5),
    "when": ("date", "When did you visit us?", {"settings": {"days": "past", "earliest": "2020-01-01"}}, {"when": "2026-02-28"}, "2026-02-28"),
    "photo": ("file", "Would you show us?", {}, {}, None),
    "terms": ("consent", "Storing your answers", {"required": True, "settings": {"agreement": {"en": AGREEMENT}}}, {"terms": version_of(AGREEMENT)}, {"agreed": True, "version": version_of(AGREEMENT)}),
    "call": ("consent", "You may call me about my answers.", {}, {}, None),
    "intro": ("statement", "Thank you for coming.\n\nIt takes two minutes.", {}, {}, None),
}  # fmt: skip


def question(key: str) -> Question:
    """Return the question of a sample."""
    kind, text, more, _, _ = SAMPLES[key]
    return Question(id=key, type=kind, text={"en": text}, **more)


def tell(text: Mapping[str, str]) -> str:
    """Return a text in English."""
    return told(text, "en", "en")


def rendered(asked: Question, value: Any, error: str = "") -> str:
    """Return a question as the respondent's page has it."""
    kind = QUESTIONS[asked.type]
    ids = {name: f"{asked.id}-{name}" for name in ("text", "help", "ends", "error")}
    about = [ids[name] for name, there in (("help", asked.help), ("error", error)) if there]
    q = {
        "id": asked.id, "name": asked.id, "type": asked.type, "text": tell(asked.text), "help": tell(asked.help),
        "required": asked.required, "error": error, "ids": ids, "described": " ".join(about),
        **kind.shown(asked, value, tell),
    }  # fmt: skip
    return render_to_string(kind.template, {"q": q})


def sheet(stylesheet: str, *, filled: bool = False, error: str = "") -> str:
    """Return a page with all questions, answered or not."""
    asked = "".join(
        f'<div class="question">{rendered(question(key), SAMPLES[key][4] if filled else None, error)}</div>'
        for key in SAMPLES
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Questions</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{stylesheet}</style></head><body><main><h1>Questions</h1><form>{asked}</form></main></body></html>"
    )
