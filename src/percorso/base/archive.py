"""One file with many in it: a tar archive whose last member lists the checksum of every other."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from percorso.errors import UserError
from percorso.i18n import mark

KINDS = {".tar.zst": "zstd", ".tar.gz": "gzip"}
MANIFEST = "manifest.json"
CHUNK = 2**20


class _Hashed:
    """A file whose checksum is taken while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sha = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sha.update(data)
        return data


class Writer:
    """Adds files to an archive and remembers their checksums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        self.sums: dict[str, str] = {}

    def add(self, file: Path, name: str) -> None:
        """Add a file as it is now; one that grows meanwhile is taken up to its length of now."""
        with file.open("rb") as source:
            info = self.tar.gettarinfo(arcname=name, fileobj=source)
            # Who owned it and who could read it is of no use elsewhere, what is in it is personal.
            info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
            hashed = _Hashed(source)
            self.tar.addfile(info, cast(IO[bytes], hashed))
            self.sums[name] = hashed.sha.hexdigest()


def kind_of(file: Path) -> str:
    """Return how an archive is compressed, by its name.

    Raises
    ------
    UserError : the name ends in neither of `KINDS`.
    """
    for ending, codec in KINDS.items():
        if file.name.endswith(ending):
            return codec
    raise UserError(mark("{file} has no known ending: call it {endings}."), file=file.name, endings=" / ".join(KINDS))


@contextmanager
def writing(file: Path, manifest: dict[str, Any]) -> Iterator[Writer]:
    """Give a writer of a new archive; `manifest` is what it will say of itself, with the checksums added at the end."""
    codec = kind_of(file)
    with file.open("xb") as raw:
        file.chmod(0o600)
        with pa.CompressedOutputStream(raw, codec) as out, tarfile.open(fileobj=out, mode="w|") as tar:
            writer = Writer(tar)
            yield writer
            data = json.dumps(manifest | {"files": writer.sums}, indent=1).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(data)
            tar.addfile(info, BytesIO(data))


def extract(file: Path, into: Path, codec: str) -> dict[str, Any]:
    """Unpack an archive into an empty folder, compare every checksum, and return the manifest.

    Raises
    ------
    UserError : it is no archive of ours, or damaged; the message says which.
    """
    sums: dict[str, str] = {}
    try:
        with pa.CompressedInputStream(str(file), codec) as source, tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                tar.extract(member, into, filter="data")
                if member.isfile():
                    sums[member.name] = checksum(into / member.name)
        manifest: dict[str, Any] = json.loads((into / MANIFEST).read_text())
        expected = dict(manifest["files"])
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise UserError(
            mark("{file} cannot be restored: it is cut off, damaged, or no backup of percorso ({kind})."),
            file=file.name,
            kind=type(error).__name__,
        ) from error
    del sums[MANIFEST]
    if sums != expected:
        wrong = sorted(name for name in {*sums, *expected} if sums.get(name) != expected.get(name))
        raise UserError(
            mark("{file} cannot be restored: these files in it are not what was backed up: {names}."),
            file=file.name,
            names=", ".join(wrong),
        )
    return manifest


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
