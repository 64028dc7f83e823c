# Two commands matter: `make demo` shows the main job, `make test` proves it. Both install what they
# need into .venv from a lock file with hashes; Python 3.11+, git and make are enough.
PYTHON ?= python3
BIN := .venv/bin
# Tests start programs and wait for them more than they compute.
WORKERS = $(shell $(BIN)/python -c 'import os; print(max(5, os.cpu_count() or 1))')
# Each worker, and each program that a test starts, would compile all of the gateway again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check lint types contract bench lock clean help

help:            ## show these targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/'

demo: .venv/demo.stamp  ## install, then run the main job on embedded defaults
	@$(BIN)/gateway demo

test: .venv/test.stamp  ## install, then pass the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: test lint types contract  ## everything that CI runs

lint: .venv/test.stamp  ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/test.stamp  ## mypy, strict
	$(BIN)/mypy

contract: .venv/test.stamp  ## the import contract; without its cache, which can give a stale verdict
	$(BIN)/lint-imports --no-cache

bench: .venv/test.stamp  ## print speed as ratios to the split floor and to pyx12
	$(BIN)/python -m tests.benchmarks

lock:            ## pin every dependency with hashes and without addresses
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet $(UPGRADE) \
	  pyproject.toml --extra build -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-header --no-annotate \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet $(UPGRADE) \
	  pyproject.toml --extra build --extra dev -o requirements-dev.lock

clean:           ## remove the environment and everything that tools left
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/demo.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the gateway into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing the gateway and its test tools into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/demo.stamp $@
