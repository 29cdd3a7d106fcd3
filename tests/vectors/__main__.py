"""``python -m tests.vectors FILE_OR_FOLDER…``: prints each failure, then ``N passed, N failed, N skipped``."""

import sys
from pathlib import Path

from tests.vectors.runner import load, run


def main(arguments: list[str]) -> int:
    """Run the vectors of the files and folders named; return 1 when one failed, 2 when nothing was named."""
    paths = [Path(a) for a in arguments]
    missing = [str(p) for p in paths if not p.exists()]
    if not paths or missing:
        print("usage: python -m tests.vectors FILE_OR_FOLDER…", *(f"no such file: {m}" for m in missing), sep="\n")
        return 2
    passed = failed = skipped = 0
    for outcome in run(load(paths)):
        if outcome.differences is None:
            skipped += 1
        elif outcome.differences:
            failed += 1
            for line in outcome.differences:
                print(f"FAILED {outcome.id}: {line}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
