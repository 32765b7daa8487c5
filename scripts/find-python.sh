#!/bin/sh
# Print the path of a Python 3.10 that can make virtual environments; else say how to get one and fail.
#
# A name on PATH proves nothing: a pyenv shim is there even when it cannot run, and Debian's python3.10
# comes without ensurepip unless python3.10-venv is installed. So every candidate is run before it is used.
#
# PYTHON=/path/to/python3.10 is tried before anything else and must fit if given.
set -u

# Prints the real executable when $1 is a Python 3.10 with ensurepip, so that a shim is not what gets used.
usable() {
    [ -n "$1" ] && "$1" -c '
import sys
assert sys.version_info[:2] == (3, 10), sys.version
import ensurepip, ssl, venv
print(sys.executable)
' 2>/dev/null </dev/null
}

if [ -n "${PYTHON:-}" ]; then
    if found=$(usable "$PYTHON"); then
        printf '%s\n' "$found"
        exit 0
    fi
    echo "PYTHON=$PYTHON is not a Python 3.10 that can make virtual environments." >&2
    echo "Set it to one that is, or unset it to have one looked for." >&2
    exit 1
fi

if found=$(usable python3.10) || found=$(usable python3) || found=$(usable python); then
    printf '%s\n' "$found"
    exit 0
fi

# Newest patch release first; the loop over "*" is in the order of the file system's names.
for root in "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"; do
    [ -d "$root/versions" ] || continue
    newest=
    newest_patch=-1
    for folder in "$root"/versions/3.10.*; do
        patch=${folder##*/3.10.}
        case $patch in '' | *[!0-9]*) continue ;; esac
        if [ "$patch" -gt "$newest_patch" ] && found=$(usable "$folder/bin/python3.10"); then
            newest=$found
            newest_patch=$patch
        fi
    done
    if [ -n "$newest" ]; then
        printf '%s\n' "$newest"
        exit 0
    fi
done

if command -v uv >/dev/null 2>&1 && candidate=$(uv python find 3.10 2>/dev/null) && found=$(usable "$candidate"); then
    printf '%s\n' "$found"
    exit 0
fi

cat >&2 <<'MESSAGE'
Switchback needs Python 3.10 (Rasa 3.6 runs on no later one), and none was found that runs here:
not as python3.10 on PATH, not under pyenv's versions, not by uv.

How to get it:
  anywhere            uv python install 3.10        (or: pyenv install 3.10)
  Debian, Ubuntu      sudo apt-get install python3.10 python3.10-venv
                      where the release has none: uv python install 3.10
  macOS               brew install python@3.10
  Windows             in WSL (wsl --install), then as for Ubuntu

Is it somewhere else? Then say where: make run PYTHON=/path/to/python3.10
MESSAGE
exit 1
