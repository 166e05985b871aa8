#!/bin/sh
# Measures the pages of a call with N applications on PostgreSQL, beside the least they could take:
#   ./bench.sh 1000
#   ./bench.sh 1000 10000 --json figures.json
#   ./bench.sh 10000 --only dashboard
set -eu
cd "$(dirname "$0")"
. scripts/setup.sh

need $RUNTIME_PACKAGES $TEST_PACKAGES
venv dev

exec .venv/bin/python -m scripts.bench "$@"
