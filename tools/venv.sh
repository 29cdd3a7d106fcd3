#!/bin/sh
# Makes .venv with the packages of a lock file: tools/venv.sh requirements.lock
set -eu
cd "$(dirname "$0")/.."
lock=$1
say() { echo "percorso: $*" >&2; }

python=${PYTHON:-python3}
command -v "$python" >/dev/null || { say "Python is missing. Install it: apt-get install python3"; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { say "$("$python" --version) is too old: percorso needs Python 3.11 or newer (PYTHON=python3.12 make …)."; exit 1; }

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    # Debian keeps ensurepip in a package of its own; without it, use the system's pip, or install the package.
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        if "$python" -m pip --version >/dev/null 2>&1; then
            "$python" -m venv --without-pip .venv
            "$python" -m pip --python .venv/bin/python install --quiet pip
        elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "installing Debian's python3-venv"
            apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
            "$python" -m venv .venv
        else
            say "Python's venv is missing. Install it (apt-get install python3-venv) and run the same command again."
            exit 1
        fi
    fi
fi

say "installing the packages of $lock (some minutes the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# Compiled once here: where the environment keeps Python from writing bytecode, every command would compile all it imports.
.venv/bin/python -m compileall -q -j 0 .venv/lib src || true
