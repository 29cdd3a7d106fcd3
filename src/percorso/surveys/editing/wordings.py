"""The texts in the settings of a question: which fields hold words by language, and the way to each."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel


def settings_texts(config: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Give the texts in the settings of a question, each with the way to it; items of lists go by their ids."""
    for name, spec in type(config).model_fields.items():
        value = getattr(config, name)
        if is_text(spec.annotation):
            yield (*path, name), value
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from settings_texts(item, (*path, name, str(getattr(item, "id", i))))
        elif isinstance(value, dict) and is_text(_inner(spec.annotation)):
            for key, text in value.items():
                yield (*path, name, str(key)), text


def is_text(annotation: Any) -> bool:
    """Whether a field holds a text by language: a dict of language to words."""
    plain = bare(annotation)
    return get_origin(plain) is dict and [bare(arg) for arg in get_args(plain)] == [str, str]


def _inner(annotation: Any) -> Any:
    plain = bare(annotation)
    return get_args(plain)[1] if get_origin(plain) is dict else None


def bare(annotation: Any) -> Any:
    """Return a type without the notes on it."""
    return bare(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation
