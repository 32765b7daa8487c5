# Everything that is done to this project, by name. `make` alone lists it.
# Each target does its own set-up; scripts/setup.sh returns at once when there is nothing to do.

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run train test check lint types format validate stories unit e2e bench eval answers \
	screenshots lock test-packages clean clean-all

PYTHON_IN_VENV := .venv/bin/python
RASA := $(PYTHON_IN_VENV) scripts/quiet_rasa.py
# Numeric libraries start one thread a core each; with several processes that costs more than it brings.
export OMP_NUM_THREADS ?= 1

help: ## list the targets
	@echo "Switchback: practice conversations for peer supporters"
	@echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "First time: make run, then open the address that it prints. Stop with Ctrl-C."

setup: ## make .venv with all that running needs (done by the others when needed)
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev

run: setup ## set up what is missing, start everything, print the address
	@exec .venv/bin/switchback run

train: setup ## train the model
	@.venv/bin/switchback train

check: setup ## check scenarios, moves and rubric (what content authors need)
	@.venv/bin/switchback check

test: ## everything that CI runs: lint, types, content, training, stories, tests
	@exec scripts/test.sh

lint: setup-dev ## ruff: style and mistakes
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

format: setup-dev ## ruff: put imports and layout in order
	@.venv/bin/ruff check --fix --exit-zero --quiet .
	@.venv/bin/ruff format .

types: setup-dev ## mypy on bot/ and actions/
	@.venv/bin/mypy

validate: setup-dev ## Rasa's own check of domain, stories and training data; warnings fail
	@$(PYTHON_IN_VENV) scripts/validate.py

stories: setup-dev train ## rasa test on the stories in tests/stories
	@LOG_LEVEL=INFO $(RASA) test core --stories tests/stories --fail-on-prediction-errors --no-plot --out results/stories

unit: setup-dev ## tests without a browser, two at a time (TESTS=tests/nlu for a part)
	@.venv/bin/python -m pytest -n 2 -m "not e2e" $(TESTS)

e2e: setup-dev test-packages ## tests in a real browser against the three real processes
	@.venv/bin/python -m pytest -m e2e $(TESTS)

bench: setup-dev ## measure time and memory of a turn
	@.venv/bin/python scripts/bench.py $(ARGS)

eval: setup-dev ## measure how well replies are read (ARGS="--corpora FOLDER" for real conversations)
	@.venv/bin/python scripts/evaluate.py $(ARGS)

answers: setup-dev ## measure how well questions find the line that answers them (ARGS="kris")
	@.venv/bin/python scripts/measure_answers.py $(ARGS)

screenshots: setup-dev test-packages ## take the pictures of the README from the running app
	@.venv/bin/python scripts/screenshots.py $(ARGS)

lock: setup ## resolve requirements*.in anew (UPGRADE=1 for newer releases)
	@scripts/lock.sh

test-packages:
	@scripts/install-test-packages.sh

clean: ## remove what tools leave behind; .venv, models and practice data stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .rasa results build *.egg-info
	@find bot actions tests scripts -type d -name __pycache__ -prune -exec rm -rf {} +

clean-all: clean ## also remove .venv and trained models; practice data in var/ stays
	@rm -rf .venv .cache
	@find models -mindepth 1 -not -name .gitkeep -delete
