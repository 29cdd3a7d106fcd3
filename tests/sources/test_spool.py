"""What is acknowledged can be loaded, whoever looks for files to load meanwhile."""

import threading
from pathlib import Path

from percorso.sources.tracking.spool import Spool


def test_files_are_taken_over_only_from_who_is_gone(tmp_path: Path) -> None:
    spool, over = Spool(tmp_path), threading.Event()

    def look() -> None:
        while not over.is_set():
            spool.ready()

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for number in range(400):
            spool.put(f"{number}\n".encode())
            spool.turn()
    finally:
        over.set()
        for looker in lookers:
            looker.join()
    kept = [line for path in spool.ready() for line in path.read_text().splitlines()]
    assert kept == [str(number) for number in range(400)]


def test_what_a_process_left_that_died_is_loaded_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-1.writing").write_bytes(b"left\n")
    (tmp_path / "00000000000000000002-1.new").write_bytes(b"")
    [path] = Spool(tmp_path).ready()
    assert path.read_bytes() == b"left\n"
