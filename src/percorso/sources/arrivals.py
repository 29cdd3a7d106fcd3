"""Takes uploads in: straight into the data folder, and never more than may be."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest

from percorso.sources.forms import limit_mb
from percorso.sources.uploads import incoming_folder

DRAINED_AT_ONCE = 2**20


class Arrivals(TemporaryFileUploadHandler):
    """Writes every file to the disk where it stays, however small, so that it is moved and not copied."""

    def new_file(self, *args: Any, **more: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **more)
        self.file = Arriving(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)


class Arriving(TemporaryUploadedFile):
    """A file that arrives in the data folder; gone by itself when nobody takes it in."""

    def __init__(self, name: str, content_type: str, size: int, charset: str | None, extra: Any = None) -> None:
        from tempfile import NamedTemporaryFile

        file = NamedTemporaryFile(suffix=".upload", dir=incoming_folder())  # noqa: SIM115
        super(TemporaryUploadedFile, self).__init__(file, name, content_type, size, charset, extra)


def is_too_large(request: HttpRequest) -> bool:
    """Whether a request is larger than an upload may be; what comes is then read away, so that the answer is seen."""
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True
    limit = (limit_mb() + 1) * 2**20
    if size <= limit:
        return False
    left = min(size, 2 * limit)
    while left > 0 and (read := len(request.read(min(left, DRAINED_AT_ONCE)))):
        left -= read
    return True
