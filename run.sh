#!/bin/sh
# Sets up what is missing and starts the whole program: site, worker, beat and the bundled broker.
# Environment: PORT (8000), HOST (127.0.0.1), DATABASE_URL, REDIS_URL, APP_ENV (demo); see config.py.
set -eu
cd "$(dirname "$0")"
. scripts/setup.sh

need $RUNTIME_PACKAGES
venv runtime

# exec: a signal sent to this process must reach the supervisor, not a shell that waits for it.
exec .venv/bin/python -m scripts.serve "$@"
