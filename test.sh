#!/bin/sh
# Sets up what the tests need and runs all checks: style, types, layers, tests on SQLite and PostgreSQL.
# With arguments it runs only pytest, with these arguments: ./test.sh tests/domain -k ranking
set -eu
cd "$(dirname "$0")"
. scripts/setup.sh

need $RUNTIME_PACKAGES $TEST_PACKAGES
venv dev

# A test must not depend on how the person who starts it has set up a real programme.
unset APP_ENV SECRET_KEY DATABASE_URL REDIS_URL MAIL_URL TRUSTED_HOSTS UPLOAD_DIR INSTANCE_DIR HOST PORT
# The tests start the program some hundred times; each would compile all of it again.
unset PYTHONDONTWRITEBYTECODE
PATH="$PWD/.venv/bin:$PATH"
export PATH

failed=""

# Runs one check, says how long it took, and goes on to the next: one run shows all that is wrong. $1: its name.
check() {
    name=$1
    shift
    started=$(date +%s)
    printf '\n== %s\n' "$name"
    if "$@"; then answer=passed; else
        answer=FAILED
        failed="$failed $name"
    fi
    printf '== %s: %s in %s s\n' "$name" "$answer" "$(($(date +%s) - started))"
}

if [ "$#" -gt 0 ]; then
    exec pytest "$@"
fi

begin=$(date +%s)
check style ruff check
check format ruff format --check
check types mypy
check layers lint-imports
# One test at a time to each process, or one group of those that share something, as tests/processes.py has it, in the
# order of conftest.py: some take minutes, most a tenth of a second.
check tests pytest -n 3

printf '\nEverything took %s s.\n' "$(($(date +%s) - begin))"
[ -z "$failed" ] || die "Failed:$failed"
