"""What the buttons of the editor do to the shape of a draft: parts are added, copied, moved, put in order, removed."""

from percorso.surveys.definition import Definition
from percorso.surveys.editing import draft
from percorso.surveys.question import QUESTIONS

Shaped = tuple[Definition, str]


class _Ids:
    """Gives ids that nothing has, each once."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = set(taken)

    def __call__(self, wanted: str) -> str:
        made = draft.fresh_id(wanted, self.taken)
        self.taken.add(made)
        return made


def shaped(now: Definition, at: str, do: str, order: str, taken: set[str]) -> Shaped:
    """Return the draft with its shape changed, and the part to show next; unchanged for what is no change.

    do : add-question:<type>, add-page, copy, remove, up, down, order. at : the part that it is done to, or behind.
    order : see `_order`. taken : ids used ever before.

    Raises
    ------
    BadQuestion : it does not fit the rest.
    """
    verb, _, about = do.partition(":")
    new_id = _Ids(taken)
    if verb == "add-question" and about in QUESTIONS:
        return _question_added(now, at, about, new_id)
    if verb == "add-page":
        made, (kind, _, key) = new_id("page"), at.partition("-")
        after = key if kind == "p" else draft.page_of(now, key).id if kind == "q" else ""
        return draft.add_page(now, made, after), f"p-{made}"
    if verb == "order":
        return draft.arrange(now, _order(order)), at
    if verb in ("up", "down"):
        return _moved(now, at, -1 if verb == "up" else 1), at
    if verb == "copy":
        return _copied(now, at, new_id)
    if verb == "remove":
        return _removed(now, at)
    return now, at


def _question_added(now: Definition, at: str, kind: str, new_id: _Ids) -> Shaped:
    made, (where, _, key) = new_id(kind), at.partition("-")
    page, after = key if where == "p" else "", key if where == "q" else ""
    return draft.add_question(now, kind, made, page, after), f"q-{made}"


def _moved(now: Definition, at: str, step: int) -> Definition:
    kind, _, key = at.partition("-")
    return draft.move_page(now, key, step) if kind == "p" else draft.move_question(now, key, step)


def _copied(now: Definition, at: str, new_id: _Ids) -> Shaped:
    kind, _, key = at.partition("-")
    made = new_id(key)
    if kind == "p":
        return draft.copy_page(now, key, made, new_id), f"p-{made}"
    return draft.copy_question(now, key, made), f"q-{made}"


def _removed(now: Definition, at: str) -> Shaped:
    kind, _, key = at.partition("-")
    remove = {"p": draft.remove_page, "q": draft.remove_question, "z": draft.remove_quota}.get(kind)
    if remove is None:
        return now, at
    return remove(now, key), "quotas" if kind == "z" else _before(now, at)


def _before(now: Definition, at: str) -> str:
    """Return the part before the one that goes away."""
    parts = [part for page in now.pages for part in (f"p-{page.id}", *(f"q-{q.id}" for q in page.questions))]
    place = parts.index(at) if at in parts else 0
    return parts[place - 1] if place else "start"


def _order(text: str) -> list[tuple[str, list[str]]]:
    """Return the order that the outline sends: ``page:question,question page:…``."""
    pairs = (part.partition(":") for part in text.split())
    return [(page, [key for key in keys.split(",") if key]) for page, _, keys in pairs]
