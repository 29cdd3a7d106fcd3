#!/bin/sh
# Builds the browser assets into src/percorso/base/built; takes Node.js from its Python package when there is none.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
enough() { command -v node >/dev/null && command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; }
if ! enough; then
    if [ ! -x .venv/bin/npm ]; then
        echo "percorso: no Node.js on this machine, taking it from its Python package" >&2
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-node.lock
    fi
    PATH="$root/.venv/bin:$PATH"
fi
cd frontend
# Node.js trusts its own list of certificates; a company's proxy is in the system's.
export NODE_USE_SYSTEM_CA=1
npm ci --loglevel=error --no-audit --no-fund
npm run --loglevel=error build
