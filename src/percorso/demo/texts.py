"""Sentences from topics: opening, core, detail and closing by chance, then the way people really type."""

import re
from types import ModuleType

import numpy as np

from percorso.demo import phrases_en, phrases_it, phrases_pt

LANGUAGES = (phrases_pt, phrases_it, phrases_en)
TOPICS = tuple(phrases_pt.CORES)
TONES = {
    **dict.fromkeys(
        (
            "late",
            "damaged",
            "taste",
            "price",
            "slow_reply",
            "not_solved",
            "checkout",
            "bot",
            "phone_queue",
            "subscription",
        ),
        "negative",
    ),
    **dict.fromkeys(("fast", "taste_good", "support_good", "easy", "fair_price", "brand"), "positive"),
    **dict.fromkeys(("fine", "suggestion"), "neutral"),
    **{topic: "ask" for topic in TOPICS if topic.startswith("ask_")},
}
ACCENTS = str.maketrans("áàâãéèêíìóòôõúùçÁÀÉÈ", "aaaaeeeiioooouucAAEE")
DRAWS = 12


def sentences(
    rng: np.random.Generator, language: np.ndarray, topic: list[str], facts: list[dict[str, str]]
) -> list[str]:
    """Write one text for each topic.

    Parameters
    ----------
    language : 0 Portuguese, 1 Italian, 2 English. topic : keys of TONES.
    facts : what the text may name: days, carrier, product, order, minutes, agent (may be empty), name.
    """
    luck = rng.random((len(topic), DRAWS)).tolist()
    return [_write(LANGUAGES[c], t, f, u) for c, t, f, u in zip(language.tolist(), topic, facts, luck, strict=True)]


def _write(phrases: ModuleType, topic: str, facts: dict[str, str], luck: list[float]) -> str:
    tone = TONES[topic]
    text = _one(phrases.CORES[topic], luck[0])
    openings, details = phrases.OPENINGS.get(tone, ()), phrases.DETAILS.get(topic, ())
    if openings and luck[1] < 0.3:
        opening = _one(openings, luck[1] / 0.3)
        text = f"{opening} {text if opening[-1] in '.!' or text[0] == '{' else text[0].lower() + text[1:]}"
    text += "." if luck[2] < 0.5 and text[-1] not in "?.!" else ""
    if details and luck[3] < 0.4:
        text += ("" if text[-1] in "?.!" else ".") + " " + _one(details, luck[3] / 0.4)
    if luck[4] < (0.6 if tone == "ask" else 0.35):
        text += ("" if text[-1] in "?.!" else ",") + " " + _one(phrases.CLOSINGS[tone], luck[5])
    days = int(facts["days"])
    told = facts | {
        "days": f"{days} {phrases.DAYS[days > 1]}",
        "agent": facts["agent"] or phrases.SOMEONE,
    }
    return _typed(text.format_map(told), phrases.SHORT, tone, luck[6:])


def _one(pool: tuple[str, ...], luck: float) -> str:
    return pool[int(luck * len(pool)) % len(pool)]


def _typed(text: str, short: dict[str, str], tone: str, luck: list[float]) -> str:
    """Spell as people do: without accents, in lower case, abbreviated, with a slip of the fingers, shouting."""
    if luck[0] < 0.22:
        text = re.sub(r"\w+", lambda w: short.get(w[0].lower(), w[0]), text)
    if luck[1] < 0.25:
        text = text.translate(ACCENTS)
    if luck[2] < 0.3:
        text = text.lower()
    elif luck[2] > 0.97 and tone == "negative":
        text = text.upper()
    if luck[3] < 0.16 and len(text) > 8:
        text = _slip(text, luck[3] / 0.16, luck[4])
    if luck[5] < 0.08 and tone != "ask":
        text = text.rstrip(".") + "!" * (1 + int(luck[5] / 0.02))
    return text


def _slip(text: str, where: float, how: float) -> str:
    place = 1 + int(where * (len(text) - 3))
    if not (text[place].isalpha() and text[place + 1].isalpha()):
        return text
    if how < 0.4:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + (text[place] * 2 if how < 0.7 else "") + text[place + 1 :]
