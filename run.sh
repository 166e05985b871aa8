#!/bin/sh
# Sets up what is missing and starts the whole program: site, worker, beat and the bundled broker.
# Environment: PORT (8000), HOST (127.0.0.1), DATABASE_URL, REDIS_URL, APP_ENV (demo); see config.py.
set -eu
# Nothing but this script takes a program for a demonstration that does not say what it is.
APP_ENV="${APP_ENV:-demo}"
# Three closed calls are filled with made-up applications, which takes some minutes the first time.
PLAY_DEMONSTRATION="${PLAY_DEMONSTRATION:-1}"
export APP_ENV PLAY_DEMONSTRATION
cd "$(dirname "$0")"
. scripts/setup.sh

usage() {
    cat <<'TEXT'
Usage: ./run.sh [--watch | --version | --help]

Sets up what is missing and starts the whole program on this machine, with the demonstration
in it: http://localhost:8000/. Ctrl-C ends everything.

  --watch    start site and workers again whenever code or a template has changed
  --version  print the version of the program
  --help     print this

Environment (docs/operators.md has all of it):
  PORT          8000        where the site answers
  HOST          127.0.0.1   the address that it listens at
  INSTANCE_DIR  instance/   the folder of everything that is kept
  DATABASE_URL              postgresql://...; without it SQLite in the instance folder
  REDIS_URL                 redis://...; without it the bundled broker
  APP_ENV       demo        demo, test or production
  PLAY_DEMONSTRATION  1     0 leaves the closed calls of the demonstration out
TEXT
}

for word in "$@"; do
    case "$word" in
    -h | --help)
        usage
        exit 0
        ;;
    --version)
        sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml
        exit 0
        ;;
    --watch) ;;
    *)
        usage >&2
        die "./run.sh does not know “$word”."
        ;;
    esac
done

need $RUNTIME_PACKAGES
venv runtime

# exec: a signal sent to this process must reach the supervisor, not a shell that waits for it.
exec .venv/bin/python -m scripts.serve "$@"
