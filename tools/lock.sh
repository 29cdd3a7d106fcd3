#!/bin/sh
# Writes the lock files anew from pyproject.toml: exact versions with hashes, no addresses. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile() { uv pip compile --quiet --universal --python-version 3.11 --constraint tools/constraints.txt --generate-hashes --no-header --no-annotate "$@" pyproject.toml; }
compile --extra build --output-file requirements.lock
compile --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock
compile --extra build --extra node --constraint requirements.lock --output-file requirements-node.lock
