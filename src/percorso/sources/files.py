"""The files that a person names: files as they are, folders with all the tables in them."""

from collections.abc import Sequence
from pathlib import Path

from percorso.errors import UserError
from percorso.i18n import mark

SUFFIXES = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods",
)  # fmt: skip


def found_files(names: Sequence[str | Path]) -> list[Path]:
    """Return files, each once; of folders the tables in them, by name; hidden files are left out.

    Raises
    ------
    UserError : there is no such file or folder, or a folder has no tables.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name).expanduser()
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.is_file() and _is_table(p)]
            if not inside:
                raise UserError(
                    mark("{folder} holds no files to import. Read are: {known}, also with .gz."),
                    folder=str(path),
                    known=" ".join(SUFFIXES),
                )
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise UserError(mark("There is no file or folder {path}."), path=str(path))
    if not found:
        raise UserError(mark("There are no files to read."))
    return list(found)


def _is_table(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return not name.startswith((".", "~$")) and name.endswith(SUFFIXES)
