"""Uploaded files: kept for a while in folders of their own, under names that are safe."""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from percorso.config import data_folder
from percorso.sources.models import Import

KEPT = timedelta(days=30)
LONGEST = 120


def incoming_folder() -> Path:
    """Return where files lie while they arrive: on the disk where they stay, so that nothing is copied."""
    folder = data_folder() / "uploads" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def take_in(slug: str, files: Iterable[tuple[str, Path]]) -> tuple[str, dict[str, str]]:
    """Move files into a new folder of a workspace.

    Parameters
    ----------
    files : the name that each has for people, and where it lies.

    Returns
    -------
    tuple : the folder's name below ``uploads/``; the name in it and the name for people of each file.
    """
    upload = f"{slug}/{secrets.token_hex(12)}"
    folder = data_folder() / "uploads" / upload
    folder.mkdir(parents=True)
    names: dict[str, str] = {}
    for shown, path in files:
        kept = _free(safe_name(shown), names)
        shutil.move(path, folder / kept)
        names[kept] = plain_name(shown)
    return upload, names


def plain_name(name: str) -> str:
    """Return a file's name without folders and without what cannot be seen."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()[:200] or "file"


def safe_name(name: str) -> str:
    """Return a name that is one file in one folder on any disk; connectors still know files by it.

    Examples
    --------
    >>> safe_name("../../etc/passwd"), safe_name("avaliações 2025 🎉.csv"), safe_name(".."), safe_name("C:\\\\x\\\\a.csv")
    ('passwd', 'avaliações 2025 _.csv', 'file', 'a.csv')
    """
    plain = unicodedata.normalize("NFC", plain_name(name))
    safe = "".join(c if c.isalnum() or c in "._-() " else "_" for c in plain).lstrip(". ")
    stem, dot, suffix = safe.rpartition(".")
    if len(safe.encode()) > LONGEST:
        safe = stem.encode()[: LONGEST - 12].decode(errors="ignore") + dot + suffix[:10]
    return safe or "file"


def _free(name: str, taken: Iterable[str]) -> str:
    stem, dot, suffix = name.partition(".")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem}-{number}{dot}{suffix}"
    return free


def drop(row: Import) -> None:
    """Delete the uploaded files of an import; its record stays and says that they are gone."""
    row.tried_path.unlink(missing_ok=True)
    if row.upload:
        shutil.rmtree(row.folder, ignore_errors=True)
        Import.objects.filter(pk=row.pk).update(upload="", names=row.shown_names)
        row.names, row.upload = row.shown_names, ""
