# Team Task Manager: `make run` starts everything with a demo, `make test` checks everything.
# Needs Python 3.11 or newer with venv; all else comes from the locked packages.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The newest suitable interpreter; `make PYTHON=/path/to/python` chooses another one.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$name && break; done)
BIN := .venv/bin
DATA ?= .ttm
PORT ?= 8080
MINUTES ?= 20
FUZZ_SEED ?=
# Each process of the tests has servers of its own, so a file's tests stay together. One more than there are
# processors: some wait for what people or Telegram would take a second for.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PARALLEL ?= --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

WEB := gateway/web
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f -not -name schema.d.ts 2>/dev/null) \
	$(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/*.js $(WEB)/package.json)
API_SOURCES := $(shell find schemas gateway -name '*.py' -not -path '*/node_modules/*')
# npm from the locked packages; the machine's own is not asked.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(WEB) --no-audit --no-fund --no-update-notifier

COMPILE := PIP_FIND_LINKS= $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-header --strip-extras --allow-unsafe --build-deps-for editable $(UPGRADE)

# A start of the product imports a thousand modules, and tests start it often: what Python compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check lint types imports client client-tests web format bench chaos fuzz lock clean tools

help: ## Show this list.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

setup: .venv/installed web ## Install the locked packages into .venv and build the web client.

run: setup ## Start everything, filled with a demo. DATA=folder PORT=number
	$(BIN)/ttm up --demo --data "$(DATA)" --port "$(PORT)"

test: ## All checks and all tests.
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target tools check client-tests
	$(BIN)/pytest $(PARALLEL)

check: lint types imports client ## Format, lint, types, imports, contract.

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/installed
	$(BIN)/pyright

imports: .venv/installed
	$(BIN)/lint-imports

client: web
	$(NPM) run check

client-tests: web
	$(NPM) test

format: .venv/installed ## Put the Python code into its form.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

web: $(WEB)/dist/index.html ## Build the web client.

bench: setup ## Measure latency and throughput on this machine.
	$(BIN)/python -m tests.bench

chaos: setup ## Kill processes under load and compare what everybody sees afterwards.
	$(BIN)/pytest tests/chaos --timeout 600

fuzz: setup ## Send the API, the bus and the task store what nobody would, at random. MINUTES=number FUZZ_SEED=number
	FUZZ_MINUTES="$(MINUTES)" FUZZ_SEED="$(FUZZ_SEED)" $(BIN)/pytest tests/fuzz

lock: .venv/installed ## Pin the dependencies with hashes; UPGRADE=--upgrade takes newer versions.
	$(COMPILE) --all-extras --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --output-file requirements-runtime.lock pyproject.toml

clean: ## Remove what was built; the data folder stays.
	rm -rf .venv $(WEB)/node_modules $(WEB)/dist .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call have,commands,packages,tests): where there is none of the commands, install the first of the packages that the
# system knows. What cannot be installed is said; those tests are then skipped.
define have
@for name in $(1); do if command -v $$name >/dev/null; then exit 0; fi; done; \
sudo=; if [ "$$(id -u)" != 0 ]; then sudo="sudo -n"; fi; \
if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	echo "installing $(lastword $(2)) for $(3)"; \
	$$sudo apt-get update -qq || true; \
	for package in $(2); do \
		if DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$package >/dev/null; then exit 0; fi; \
	done; \
fi; \
echo "No $(lastword $(2)): $(3) will be skipped. Install your system's package '$(lastword $(2))' to run them."
endef

tools:
	$(call have,chromium-headless-shell chromium chromium-browser google-chrome,chromium-headless-shell chromium,the browser tests)
	$(call have,curl,curl,the tests of the documentation)

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed; install it or say make PYTHON=/path/to/python" >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json | .venv/installed
	$(NPM) ci
	@touch $@

# Written only when it differs, so that a change of the server alone does not rebuild the client.
.venv/openapi.checked: $(API_SOURCES) | .venv/installed
	@$(BIN)/python -m gateway.openapi > .venv/openapi.json
	@if cmp -s .venv/openapi.json $(WEB)/openapi.json; then rm .venv/openapi.json; \
	else mv .venv/openapi.json $(WEB)/openapi.json; fi
	@touch $@
$(WEB)/openapi.json: .venv/openapi.checked ;

$(WEB)/dist/index.html: $(WEB)/openapi.json $(WEB)/node_modules/.package-lock.json $(WEB_SOURCES)
	$(NPM) run types
	$(NPM) run build
	@touch $@
