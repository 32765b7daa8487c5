#!/bin/sh
# Bring .venv up to date: `scripts/setup.sh run` for running, `scripts/setup.sh dev` for the checks as well.
#
# Each part leaves a stamp named after the hash of what it was made from, so that a second call does nothing
# and takes no time, and a pulled change redoes only its own part. Prints one line a step with its duration.
# uv installs the packages (20 to 60 s); where it cannot, pip does (two minutes). Both check every hash.
set -eu
cd "$(dirname "$0")/.."

what=${1:-run}
case $what in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
*)
    echo "usage: scripts/setup.sh [run|dev]" >&2
    exit 2
    ;;
esac

venv=.venv
python=$venv/bin/python
log=$(mktemp)
counter=
trap 'stop_counting; rm -f "$log"' EXIT
trap 'echo; exit 130' INT TERM HUP

# PYTHONDONTWRITEBYTECODE would make every later start compile TensorFlow anew.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

digest() {
    cat "$@" | if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -c1-16
}

# Ends by itself when this script is killed.
count_up() {
    while kill -0 $$ 2>/dev/null; do
        printf '\r%s ... %s s' "$title" $(($(date +%s) - begun))
        sleep 1
    done
}

stop_counting() {
    [ -n "$counter" ] || return 0
    kill "$counter" 2>/dev/null || true
    wait "$counter" 2>/dev/null || true
    counter=
}

# step TITLE COMMAND...: one line, on a terminal with the seconds counting up. The command's output is kept
# back, and its end shown only if it fails.
step() {
    title=$1
    shift
    begun=$(date +%s)
    printf '%s ... ' "$title"
    if [ -t 1 ]; then
        count_up &
        counter=$!
    fi
    status=0
    "$@" >"$log" 2>&1 </dev/null || status=$?
    stop_counting
    took=$(($(date +%s) - begun))
    if [ -t 1 ]; then printf '\r%s ... ' "$title"; fi
    if [ "$status" -ne 0 ]; then
        echo "failed after $took s"
        tail -n 40 "$log" >&2
        return "$status"
    fi
    echo "$took s"
}

make_venv() {
    rm -rf "$venv"
    "$base" -m venv "$venv"
    # Scripts in it carry this path; another path means that the checkout has been moved or copied.
    pwd >"$venv/.checkout"
}

with_uv() {
    "$python" -m uv --version 2>/dev/null | grep -q "^uv $(uv_version)" ||
        "$python" -m pip install --require-hashes -r requirements-uv.lock || return 1
    # Bytecode at once: without it the first start of each process would take three times as long.
    "$python" -m uv pip install --python "$python" --require-hashes --compile-bytecode -r "$lock"
}

uv_version() { sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-uv.lock; }

with_pip() { "$python" -m pip install --progress-bar on --require-hashes -r "$lock"; }

install_packages() {
    with_uv || {
        echo "uv could not do it, so pip does, which takes about two minutes."
        with_pip
    }
    "$python" -m pip check
}

install_project() {
    "$python" -m pip install -q --no-deps --no-build-isolation --no-index -e . &&
        # Plain Rasa commands must not call home either; Python reads this file whenever it starts here.
        cp scripts/switchback_quiet.pth "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/"
}

is_foreign() { [ -e "$venv/.checkout" ] && [ "$(cat "$venv/.checkout")" != "$(pwd)" ]; }
is_usable() { "$python" -c 'import sys; assert sys.version_info[:2] == (3, 10)' >/dev/null 2>&1; }

if [ -e "$venv" ] && { is_foreign || ! is_usable; }; then
    echo "The .venv here belongs to another place or another Python; it is made anew."
    rm -rf "$venv"
fi

if [ ! -e "$venv" ]; then
    base=$(scripts/find-python.sh)
    step "Making .venv with $base" make_venv
fi

# The packages of the checks include those for running, so the dev stamp serves for both.
packages="$venv/.stamp-$what-$(digest "$lock")"
dev_packages="$venv/.stamp-dev-$(digest requirements-dev.lock)"
if [ ! -e "$packages" ] && { [ "$what" = dev ] || [ ! -e "$dev_packages" ]; }; then
    step "Installing the packages of $lock" install_packages
    rm -f "$venv/.stamp-$what-"*
    : >"$packages"
fi

project="$venv/.stamp-project-$(digest pyproject.toml scripts/switchback_quiet.pth)"
if [ ! -e "$project" ]; then
    step "Installing Switchback itself" install_project
    rm -f "$venv"/.stamp-project-*
    : >"$project"
fi

models=${SWITCHBACK_MODELS:-models}
encoder="$models/encoder/.stamp-$(digest bot/nlu/encoder_build.py bot/nlu/encoder_export.py)"
if [ ! -e "$encoder" ]; then
    step "Preparing the sentence encoder" "$python" -m bot.nlu.encoder_build
    rm -f "$models"/encoder/.stamp-*
    : >"$encoder"
fi
