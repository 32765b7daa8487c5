#!/bin/sh
# Everything that must hold before work is handed in: `make test`. Stops at the first step that fails.
# The order is from quick to slow; the browser comes last, alone, since it has three servers to share with.
set -eu
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

started=$(date +%s)
step() {
    title=$1
    shift
    echo
    echo "== $title"
    begun=$(date +%s)
    "$@" || {
        status=$?
        echo "== $title: failed after $(($(date +%s) - begun)) s" >&2
        exit "$status"
    }
    echo "== $title: $(($(date +%s) - begun)) s"
}

python=.venv/bin/python

step "set-up" scripts/setup.sh dev
step "programs for the tests" scripts/install-test-packages.sh
step "lint (ruff)" "$python" -m ruff check .
step "layout (ruff)" "$python" -m ruff format --check .
step "types (mypy)" "$python" -m mypy
step "content (switchback check)" .venv/bin/switchback check
step "rasa data validate" "$python" scripts/validate.py
step "training" .venv/bin/switchback train
step "rasa test" env LOG_LEVEL=INFO "$python" scripts/quiet_rasa.py test core --stories tests/stories \
    --fail-on-prediction-errors --no-plot --out results/stories
step "unit and property tests" "$python" -m pytest -n 2 -m "not e2e"

echo
echo "== in the browser (everything before: $(($(date +%s) - started)) s)"
exec "$python" -m pytest -m e2e
