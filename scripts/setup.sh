# Brings a bare Debian machine to the point where the program can start. Read by run.sh and test.sh.
# POSIX sh: a minimal Debian has neither Python nor make nor git, so nothing here may need them.

RUNTIME_PACKAGES="ca-certificates python3 python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
TEST_PACKAGES="postgresql redis-server chromium-headless-shell nodejs fonts-dejavu-core default-jre-headless"

say() { printf '%s\n' "$*"; }

die() {
    say "$*" >&2
    exit 1
}

# Debian packages that need to be there; installs only those that are missing.
need() {
    missing=""
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    say "Installing Debian packages:$missing"
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "These packages need root: run as root, apt-get install$missing"
        as_root="sudo"
    fi
    setup_log=$(mktemp)
    trap 'forget_quiet; rm -f "$setup_log"' EXIT
    trap 'exit 130' INT TERM
    keep_services_quiet
    if ! { $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
        >"$setup_log" 2>&1; then
        cat "$setup_log" >&2
        die "apt-get could not install$missing."
    fi
    forget_quiet
    rm -f "$setup_log"
    trap - EXIT INT TERM
}

# The Debian packages of PostgreSQL and Redis start a server on the machine's default ports. The tests start
# their own, so PostgreSQL is told to make no cluster and, while apt works, no service may start.
keep_services_quiet() {
    quiet_policy=""
    case "$missing" in *postgresql* | *redis*) ;; *) return 0 ;; esac

    cluster_rule=/etc/postgresql-common/createcluster.d/no-main-cluster.conf
    $as_root mkdir -p "${cluster_rule%/*}"
    [ -e "$cluster_rule" ] || echo "create_main_cluster = false" | $as_root tee "$cluster_rule" >/dev/null
    [ ! -e /usr/sbin/policy-rc.d ] || return 0
    quiet_policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$quiet_policy" >/dev/null
    $as_root chmod 755 "$quiet_policy"
}

forget_quiet() {
    [ -z "$quiet_policy" ] || $as_root rm -f "$quiet_policy"
    quiet_policy=""
}

# The virtual environment .venv with exactly the packages of a lock. A stamp in it holds the checksum of the
# lock, so that a start with nothing new costs one comparison. $1: "runtime" or "dev".
venv() {
    case "$1" in
    runtime) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) die "venv: runtime or dev" ;;
    esac
    stamp=".venv/$1.stamp"
    wanted=$(cat requirements.lock "$lock" | sha256sum)
    [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0

    [ -w . ] || die "The folder $PWD cannot be written, so .venv cannot be made in it: make it writable, or copy it."
    if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'pass' 2>/dev/null; then
        say "Making the Python environment .venv"
        python3 -m venv --clear .venv
    fi
    if ! [ -x .venv/bin/uv ]; then
        .venv/bin/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes \
            -r requirements-bootstrap.lock
    fi
    say "Installing Python packages of $lock"
    # The machine's own certificates count (a proxy's may be among them), as they do for apt and pip.
    if ! UV_SYSTEM_CERTS=1 .venv/bin/uv pip install -q --python .venv/bin/python --only-binary :all: \
        --require-hashes -r "$lock"; then
        say "Trying again with pip"
        .venv/bin/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes \
            -r "$lock"
    fi
    printf '%s\n' "$wanted" >"$stamp"
    # The lock of the developers contains the one of the program.
    [ "$1" = runtime ] || cat requirements.lock requirements.lock | sha256sum >.venv/runtime.stamp
}
