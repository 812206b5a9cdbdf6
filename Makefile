# One command for each job; .ci/run calls the same ones.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# setuptools warns of every editable installation
PIP := PYTHONWARNINGS=ignore $(PY) -m pip --disable-pip-version-check install --quiet
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-for-tests
PROGRAMS_STAMP := $(VENV)/.test-programs
HOT_STAMP := build/.compiled

# Passed on: make run ARGS='--contract none', make test ARGS='-k session'
ARGS ?=

# Mutations of each golden PDU in make fuzz; there are 33 of them.
ROUNDS ?= 300000

# Tests of what tools/compile_hot.py compiles.
HOT_TESTS := tests/smpp tests/routing tests/gateway/server tests/gateway/delivery \
  tests/gateway/journal tests/gateway/test_app.py tests/gateway/test_ids.py \
  tests/conformance/test_malformed.py tests/reliability/test_kill.py

.PHONY: help run compile plain test test-compiled fmt lint types imports cov docs bench torture fuzz programs clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(RUN_STAMP)  ## Start the gateway with the shipped contract (ARGS: options of smsgw serve)
	@exec $(VENV)/bin/smsgw serve $(ARGS)

compile: $(HOT_STAMP)  ## Compile the hot modules with mypyc: about 1.5 times the throughput

plain:  ## Remove what was compiled
	@$(PYTHON) tools/compile_hot.py --remove
	@rm -f $(HOT_STAMP)

test: $(DEV_STAMP) $(PROGRAMS_STAMP)  ## Run all tests (ARGS: options of pytest)
	@$(PY) -m pytest $(ARGS)

test-compiled: $(PROGRAMS_STAMP) $(HOT_STAMP)  ## Run the tests of what is compiled, compiled
	@$(PY) -m pytest $(HOT_TESTS) $(ARGS)

fmt: $(DEV_STAMP)  ## Format, and mend what can be mended
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

lint: $(DEV_STAMP)  ## Check style
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(DEV_STAMP)  ## Check types, strictly
	@$(PY) -m mypy

imports: $(DEV_STAMP)  ## Check that imports point down only
	@$(VENV)/bin/lint-imports

cov: $(DEV_STAMP) $(PROGRAMS_STAMP)  ## Run all tests, with branch coverage
	@$(PY) -m pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

docs: $(DEV_STAMP)  ## Check that the documentation is complete and its links lead somewhere
	@$(PY) -m pytest -k docs $(ARGS)

bench: $(DEV_STAMP) $(PROGRAMS_STAMP) $(HOT_STAMP)  ## Measure throughput and latency, npm smpp beside us
	@$(PY) -m tests.bench $(ARGS)

torture: $(DEV_STAMP) $(PROGRAMS_STAMP)  ## Kill the gateway 200 times under load; lose nothing
	@SMSGW_TORTURE=1 $(PY) -m pytest tests/reliability $(ARGS)

fuzz: $(DEV_STAMP)  ## Feed codec and session ten million mutated PDUs
	@SMSGW_FUZZ_ROUNDS=$(ROUNDS) $(PY) -m pytest -k fuzz $(ARGS)

programs: $(PROGRAMS_STAMP)  ## Install the programs tests start (as root, with apt)

clean:  ## Remove the virtual environment and everything built
	@$(PYTHON) tools/compile_hot.py --remove
	rm -rf $(VENV) build dist *.egg-info examples/clients/node_modules

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	         "Another one: make PYTHON=python3.12 …"; exit 1; } >&2
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); \
	    echo "$(PYTHON) lacks the venv module; on Debian: apt-get install python3-venv"; \
	    exit 1; } >&2
	@# dependency groups need pip 25.1
	@$(PIP) --upgrade 'pip>=25.1'

$(RUN_STAMP): pyproject.toml | $(PY)
	@echo "installing smsgw into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(DEV_STAMP): pyproject.toml | $(PY)
	@echo "installing smsgw and its tools into $(VENV)"
	@$(PIP) --editable . --group dev
	@touch $@ $(RUN_STAMP)

$(HOT_STAMP): tools/compile_hot.py $(shell find smpp routing gateway -name '*.py') | $(DEV_STAMP)
	@echo "compiling the hot modules (about a minute; make plain undoes it)"
	@mkdir -p build
	@$(PY) tools/compile_hot.py >build/compile.log 2>&1 || { tail -20 build/compile.log; exit 1; } >&2
	@touch $@

$(PROGRAMS_STAMP): tools/install-test-programs examples/clients/package-lock.json | $(PY)
	@tools/install-test-programs
	@touch $@
