"""Where the browser assets are: the build writes them with a hash in their names, and a manifest that tells."""

import json
from functools import lru_cache
from pathlib import Path

from percorso.errors import UserError
from percorso.i18n import mark

BUILT = Path(__file__).parent / "built"


@lru_cache(maxsize=1)
def _manifest(changed: float) -> dict[str, str]:
    names: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    return names


def asset(name: str) -> str:
    """Return the path, below the static address, of the built asset `name`.

    Raises
    ------
    UserError : the assets were never built; the message says how.
    """
    try:
        return _manifest((BUILT / "manifest.json").stat().st_mtime)[name]
    except (FileNotFoundError, KeyError) as error:
        raise UserError(mark("The browser assets are missing ({name}). `make demo` builds them."), name=name) from error
