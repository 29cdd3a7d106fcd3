"""Files that were given, kept until they are imported or forgotten."""

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.config import data_folder
from percorso.surveys.exchange.format import File

KEPT = timedelta(days=7)
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass
class Upload:
    """What was given: the names of the files, what columns are, and the job that imports them."""

    names: list[str]
    kinds: dict[str, str] = field(default_factory=dict)
    name: str = ""
    job: int | None = None
    survey: str = ""


def _root() -> Path:
    return data_folder() / "uploads" / "surveys"


def folder(workspace: Workspace, token: str) -> Path | None:
    """Return where an upload of the workspace lies; None when there is none."""
    path = _root() / workspace.slug / token
    return path if TOKEN.fullmatch(token) and (path / "upload.json").exists() else None


def keep(workspace: Workspace, files: Sequence[File]) -> str:
    """Keep files; return the name of the upload."""
    token = secrets.token_urlsafe(16)
    path = _root() / workspace.slug / token
    path.mkdir(mode=0o700, parents=True)
    for i, file in enumerate(files):
        (path / f"file-{i}").write_bytes(file.content)
    save(path, Upload([file.name[:200] for file in files]))
    return token


def save(path: Path, upload: Upload) -> None:
    """Write what is known of an upload."""
    (path / "upload.new").write_text(json.dumps(asdict(upload)))
    (path / "upload.new").replace(path / "upload.json")


def load(path: Path) -> tuple[Upload, list[File]]:
    """Return an upload and its files."""
    upload = Upload(**json.loads((path / "upload.json").read_text()))
    return upload, [File(name, (path / f"file-{i}").read_bytes()) for i, name in enumerate(upload.names)]


def forget_old() -> int:
    """Delete uploads that were kept long enough; return how many."""
    before = (timezone.now() - KEPT).timestamp()
    old = [path for path in _root().glob("*/*") if path.stat().st_mtime < before]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)
