"""What may still tell of a person anywhere, after each app has emptied its own: every table with texts, every file."""

import gzip
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.apps import apps
from django.db import models
from django.db.models import Q

from percorso.accounts.models import Person, Workspace
from percorso.base.models import Job, PendingFact
from percorso.customers.forgotten import is_hashed
from percorso.customers.models import ErasedIdentity, ErasureReceipt
from percorso.customers.privacy.parts import PARTS
from percorso.customers.privacy.subject import ERASED, Subject

# Who works here, and to whom reports go, is no customer's data, even at the same address.
COMPANY = {"accounts": ("auditentry", "notice"), "insights": ("report", "reportissue", "watch")}
SEPARATOR = re.compile(rb"\n-{79}\n")
# Fields that hold an id or an address and nothing else: short ids are told by them too.
WHOSE = {"customer", "identity", "target", "address", "value", "one", "other"}
AT_ONCE = 500


def sweep_tables(workspace: Workspace, subject: Subject) -> Counter[str]:
    """Take a person out of every text of a workspace; return how many rows were changed or deleted, by model."""
    counts: Counter[str] = Counter()
    for model, way in swept():
        where = {way: workspace.slug if way == "workspace" and _is_text(model, way) else workspace}
        names = _names(model)
        rows = model._base_manager.filter(_hints(names, subject), **where)
        for row in list(rows.values("pk", *names)):
            pk = row.pop("pk")
            names_too = not _of_another(row, subject)
            made = {name: _scrubbed(model, name, value, subject, names_too) for name, value in row.items()}
            if made != row:
                counts[model._meta.label_lower] += 1
                mine = model._base_manager.filter(pk=pk)
                if model in _gone():
                    mine.delete()
                else:
                    mine.update(**{name: value for name, value in made.items() if value != row[name]})
    return counts


@cache
def swept() -> tuple[tuple[type[models.Model], str], ...]:
    """Return the models with texts of a workspace, each with the way from it to the workspace."""
    found = []
    for model in apps.get_models():
        label, name = model._meta.app_label, str(model._meta.model_name)
        own = model.__module__.startswith("percorso.") and model not in (ErasureReceipt, ErasedIdentity)
        company = name not in COMPANY["accounts"] if label == "accounts" else name in COMPANY.get(label, ())
        way = _way(model)
        if own and not company and way and _names(model):
            found.append((model, way))
    return tuple(found)


def _way(model: type[models.Model]) -> str:
    """Return the shortest way of foreign keys to the workspace; empty when there is none."""
    if model in (Job, PendingFact):
        return "workspace"
    ahead: deque[tuple[Any, str]] = deque([(model, "")])
    seen: set[Any] = {model, Person}
    while ahead:
        at, way = ahead.popleft()
        for field in at._meta.concrete_fields:
            if field.related_model is Workspace:
                return f"{way}{field.name}"
            if field.related_model is not None and field.related_model not in seen:
                seen.add(field.related_model)
                ahead.append((field.related_model, f"{way}{field.name}__"))
    return ""


def _is_text(model: type[models.Model], name: str) -> bool:
    return isinstance(model._meta.get_field(name), models.CharField)


def _names(model: type[models.Model]) -> list[str]:
    """Return the fields that hold what people or sources wrote."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    fields = [f for f in model._meta.concrete_fields if isinstance(f, kinds) and not f.choices and not f.primary_key]
    return [
        f.name for f in fields if not isinstance(f, models.SlugField) and f.name not in ("workspace", "key", "slug")
    ]


def _gone() -> set[type[models.Model]]:
    return {model for part in PARTS.values() for model in part.gone}


def _hints(names: list[str], subject: Subject) -> Q:
    """Return which rows may tell of a person: those that hold one of its names somewhere."""
    ids = [*subject.customers, *subject.identities]
    texts = {*subject.telling, *(name for name in subject.names if " " in name)}
    texts |= {json.dumps(text)[1:-1] for text in texts} | {f'"{one}"' for one in ids}
    parts = [Q(**{f"{name}__icontains": text}) for name in names for text in sorted(texts)[:AT_ONCE]]
    parts += [Q(**{f"{name}__in": ids}) for name in names if name in WHOSE]
    return reduce(or_, parts, Q(pk__in=()))


def _of_another(row: dict[str, Any], subject: Subject) -> bool:
    """Whether a row is somebody else's, who may be called the same."""
    inside = row.get("row") if isinstance(row.get("row"), dict) else {}
    whose = [
        row.get("customer"),
        row.get("identity"),
        row.get("address"),
        inside.get("customer"),
        inside.get("identity"),
    ]
    named = [one for one in whose if one and not is_hashed(str(one)) and one != ERASED]
    return bool(named) and not any(one in subject.everything for one in named)


def _scrubbed(model: type[models.Model], name: str, value: Any, subject: Subject, names: bool) -> Any:
    field = model._meta.get_field(name)
    if isinstance(field, models.JSONField):
        return subject.scrub_value(value, names)
    if not isinstance(value, str):
        return value
    if name in WHOSE and value in (*subject.customers, *subject.identities):
        return ERASED
    return subject.scrub(value, names)[: field.max_length or None]  # type: ignore[union-attr]


def sweep_files(workspace: Workspace, subject: Subject) -> int:
    """Take a person out of the workspace's files in the data folder; return how many files were changed or deleted."""
    paths = {path for part in PARTS.values() if part.files for path in part.files(workspace)}
    return sum(_sweep(path, subject) for path in sorted(paths) if path.is_file())


def _sweep(path: Path, subject: Subject) -> bool:
    """Rewrite a file without what tells of a person: mails by mail, rejected rows by line; others are deleted as a whole."""
    if not any(subject.stands_in(text) for text in texts_of(path)):
        return False
    content = path.read_bytes()
    if path.parent.name == "mail":
        pieces, between = SEPARATOR.split(content), b"\n" + b"-" * 79 + b"\n"
    elif path.suffix == ".jsonl":
        pieces, between = content.split(b"\n"), b"\n"
    else:
        path.unlink()
        return True
    left = [piece for piece in pieces if not subject.stands_in(piece.decode("utf-8", "replace"))]
    if any(piece.strip() for piece in left):
        path.write_bytes(between.join(left))
    else:
        path.unlink()
    return True


def texts_of(path: Path) -> Iterator[str]:
    """Return what can be read in a file, packed or not: the parts of sheets and archives, the columns of Parquet."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
        return
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        yield str(pq.read_table(path).to_pylist())
    elif start[:2] == b"\x1f\x8b":
        yield gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    elif start == b"\x28\xb5\x2f\xfd":
        with pa.input_stream(str(path), compression="zstd") as packed:
            yield packed.read().decode("utf-8", "replace")
    else:
        content = path.read_bytes()
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        yield content.decode("utf-16" if wide else "utf-8", "replace")
