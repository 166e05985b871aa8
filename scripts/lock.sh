#!/bin/sh
# Makes the requirements*.lock files again after a change of pyproject.toml (needs .venv, see test.sh).
# The locks hold versions and hashes, but no address of a package index: each machine uses its own.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links "$@"
}

compile pyproject.toml -o requirements.lock
compile pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
pinned=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements-bootstrap.lock)
echo "uv==$pinned" | compile - -o requirements-bootstrap.lock
