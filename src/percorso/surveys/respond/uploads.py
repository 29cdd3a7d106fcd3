"""Files given as answers: their content lies in the data folder, by key; nothing of what a browser told is in its path."""

from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from percorso.config import data_folder
from percorso.surveys.models import Response, Upload

LONGEST_NAME = 254
LONGEST_TYPE = 100


def path_of(key: str) -> Path:
    """Return where the content of an upload lies."""
    return data_folder() / "uploads" / key


def write(key: str, file: UploadedFile) -> None:
    """Put a file's content where `path_of` says."""
    path = path_of(key)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(path, "wb") as out:
        out.writelines(file.chunks())


def note_upload(response: Response, question: str, key: str, file: UploadedFile) -> None:
    """Keep what is known of a file; an earlier one for the same question goes, once the transaction is through."""
    drop(response, question)
    Upload.objects.create(
        response=response,
        question=question,
        key=key,
        name=(file.name or "")[-LONGEST_NAME:],
        content_type=(file.content_type or "application/octet-stream")[:LONGEST_TYPE],
        size_bytes=file.size or 0,
    )


def drop(response: Response, question: str) -> None:
    """Remove the files of a question; their content once the transaction is through."""
    earlier = Upload.objects.filter(response=response, question=question)
    keys = list(earlier.values_list("key", flat=True))
    earlier.delete()
    transaction.on_commit(lambda: forget(keys))


def forget(keys: list[str]) -> None:
    """Remove the content of uploads."""
    for key in keys:
        path_of(key).unlink(missing_ok=True)
