#!/bin/sh
# Resolve requirements*.in anew into requirements*.lock: `make lock`, or `make lock UPGRADE=1` for newer releases.
#
# One resolution covers everything, with rasa in it, so that its pins hold for the checks' packages too; the
# lock for running is then cut out of it. The locks are universal (Linux, macOS; x86-64, arm64), carry the
# hash of every file, and name no index.
set -eu
cd "$(dirname "$0")/.."

if [ -x .venv/bin/uv ]; then uv=.venv/bin/uv; else uv=uv; fi
base=$(scripts/find-python.sh)

compile() {
    target=$1
    shift
    scratch=$(mktemp)
    if [ -e "$target" ]; then grep -v '^#' "$target" >"$scratch" || true; fi
    "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python "$base" ${UPGRADE:+--upgrade} --output-file "$scratch" "$@" >/dev/null
    {
        echo "# Made by 'make lock' from $1; edit that one."
        cat "$scratch"
    } >"$target"
    rm -f "$scratch"
    echo "$target: $(grep -c '^[a-z0-9].*==' "$target") packages"
}

compile requirements-dev.lock requirements-dev.in
compile requirements.lock requirements.in --constraint requirements-dev.lock
compile requirements-uv.lock requirements-uv.in --no-annotate
