# Two commands for a newcomer: `make demo` and `make test`. The environment is made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Without a C compiler they are left out, and torch computes everything.
KERNELS := $(wildcard storygen/engines/native/*.[ch])
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo demo-web doctor run test slow check audit start bench prove load fuzz format clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(VENV)/.for-running  ## try the bot here, without a token
	$(BIN)/python -m bot try

demo-web: $(VENV)/.for-running  ## try the bot on a page of this machine's browser
	$(BIN)/python -m bot try --web

doctor: $(VENV)/.for-running  ## look everything over before the bot runs, and say what to mend
	$(BIN)/python -m bot doctor

run: $(VENV)/.for-running  ## run the bot on Discord (DISCORD_TOKEN in .env)
	$(BIN)/python -m bot run

test: $(VENV)/.for-developing  ## run the test suite, but for what takes long
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 -m "not slow"

slow: $(VENV)/.for-developing  ## run what takes long in the test suite
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 -m slow

check: $(VENV)/.for-developing  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/.for-developing  ## ask pypi.org for known weaknesses of what is installed
	$(PIP_INSTALL) pip-audit
	@# Local builds such as torch's +cpu are not on PyPI under that name.
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//' > $(VENV)/installed.txt
	@$(BIN)/python -m pip_audit --strict --no-deps --disable-pip --progress-spinner off -r $(VENV)/installed.txt || \
		{ echo "Either something above is to be updated, or pypi.org's list could not be asked from here."; exit 1; }

start: $(VENV)/.for-developing  ## measure how long the bot takes to start; START=10 for ten times
	$(BIN)/python -m tests.load.start $(START)

bench: $(VENV)/.for-measuring  ## measure our engine beside its peers; BENCH="--rounds 3 --document"
	$(BIN)/python -m tests.benchmarks $(BENCH)

prove: $(VENV)/.for-developing  ## what takes too long for the tests: 10,000 joins, 200 recipes, memory
	$(BIN)/python -m tests.benchmarks.prove $(PROVE)

load: $(VENV)/.for-developing  ## let 200 people come to the bot for three minutes; LOAD="--minutes 60 --per-minute 0.3"
	$(BIN)/python -m tests.load $(LOAD)

fuzz: $(VENV)/.for-developing  ## what reads text from elsewhere, for longer; FUZZ="--seconds 600" with atheris
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --timeout 0 --hypothesis-profile=fuzz tests/fuzz
	$(BIN)/python -m tests.fuzz $(FUZZ)

format: $(VENV)/.for-developing  ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove the environment and all caches
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.for-running: pyproject.toml $(KERNELS) | $(BIN)/python
	@echo "Installing into $(VENV); torch is large, so the first time takes some minutes."
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.for-developing: pyproject.toml $(KERNELS) | $(BIN)/python
	@echo "Installing into $(VENV); torch is large, so the first time takes some minutes."
	$(PIP_INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.for-running

$(VENV)/.for-measuring: pyproject.toml $(KERNELS) | $(BIN)/python
	@echo "Installing into $(VENV); torch is large, so the first time takes some minutes."
	$(PIP_INSTALL) -e '.[dev,bench]'
	@touch $@ $(VENV)/.for-running $(VENV)/.for-developing
