#!/bin/sh
# Make sure that the programs are here which only the tests need: a Chromium, PostgreSQL and Redis servers.
#
# As root on a Debian or Ubuntu, what is missing is installed with apt-get; elsewhere it is named.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

has_chromium() {
    has chromium || has chromium-browser || has google-chrome ||
        [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

# Debian keeps the server's programs out of PATH.
has_postgres() {
    has postgres && return 0
    for folder in /usr/lib/postgresql/*/bin; do [ -x "$folder/postgres" ] && return 0; done
    return 1
}

missing() {
    has_chromium || echo chromium
    has_postgres || echo postgresql
    has redis-server || echo redis-server
}

wanted=$(missing | tr '\n' ' ')
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" -eq 0 ] && has apt-get; then
    begun=$(date +%s)
    printf 'Installing for the tests: %s... ' "$wanted"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list of package names
    if apt-get update -q >"$log" 2>&1 && apt-get install -q -y --no-install-recommends $wanted >>"$log" 2>&1; then
        echo "$(($(date +%s) - begun)) s"
        rm -f "$log"
        [ -z "$(missing)" ] && exit 0
        echo "They are installed, and yet these are not found: $(missing | tr '\n' ' ')" >&2
        exit 1
    fi
    echo "failed"
    tail -n 20 "$log" >&2
    rm -f "$log"
    exit 1
fi

cat >&2 <<MESSAGE
The tests need programs that are not here: $wanted
  Debian, Ubuntu, WSL   sudo apt-get install $wanted
  macOS                 brew install --cask google-chrome; brew install postgresql redis
Everything else than the tests runs without them. \`make unit\` needs no browser.
MESSAGE
exit 1
