"""A PostgreSQL for one test run: ``python -m tests.postgres -- pytest …`` makes it, runs the command with it, removes it.

The cluster lives in a temporary folder and listens on a socket there, so it meets no other PostgreSQL of the machine.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

USERS = ("postgres", "nobody")
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=", "max_connections=200")


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest when there are several; None when it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """Start a cluster of its own and give its URL; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="percorso-pg-") as name:
        folder, before = Path(name), _as_somebody()
        if before:
            shutil.chown(folder, before[2])
        # Others may reach the socket, nobody may list the folder.
        folder.chmod(0o711)
        data = str(folder / "data")
        _run([*before, str(programs / "initdb"), "--auth=trust", "--username=percorso", "--no-sync", "-D", data])
        options = " ".join(f"-c {option}" for option in (*FAST, f"unix_socket_directories={folder}"))
        control = [*before, str(programs / "pg_ctl"), "-D", data, "-w"]
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield f"postgres://percorso@/percorso?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"])


def _as_somebody() -> tuple[str, ...]:
    """Return what to put before a command so that it does not run as root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return ()
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in USERS if name in known)
    return ("runuser", "-u", user, "--")


def _run(words: Sequence[str]) -> None:
    # pg_ctl's child keeps its output open: a pipe would wait for it for ever.
    with tempfile.TemporaryFile() as told:
        ended = subprocess.run(words, stdout=told, stderr=told, cwd="/", check=False)
        if ended.returncode:
            told.seek(0)
            sys.exit(f"{' '.join(words)}\n{told.read().decode(errors='replace')}")


def main(words: Sequence[str]) -> int:
    """Run a command with PERCORSO_DATABASE_URL at a cluster of its own; return its exit code."""
    found = programs()
    if found is None:
        sys.stderr.write("percorso: PostgreSQL is not installed; these tests ran on SQLite alone.\n")
        return 0
    with cluster(found) as url:
        return subprocess.run(words, env={**os.environ, "PERCORSO_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word != "--"]))
