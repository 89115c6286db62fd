# Two commands matter: `make demo` and `make test`. `make help` lists the others.
PYTHON ?= python3
PORT ?= 8000
RACES_SECONDS ?= 60
WEEKS ?= 52
SEEDS ?= 1
CLINIC ?= simulation

SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# One marker per Python version: another PYTHON= rebuilds the environment instead of mixing two.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
RUNTIME := .venv/.runtime-$(PYTHON_VERSION)
TOOLS := .venv/.tools-$(PYTHON_VERSION)
FRONT := node_modules/.fetched

# pip is silent but for one counter, so that neither a log nor a person drowns in it.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	@test -e .venv/.runtime-$(PYTHON_VERSION) -o -e .venv/.tools-$(PYTHON_VERSION) || $(PYTHON) -m venv --clear .venv
	@total=$$(grep -c '^[a-z0-9].*==' $(1)); echo "Installing $(1) into .venv ($$total packages)"; \
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r $(1) \
	| awk -v total=$$total '/^Collecting/ { if (++n % 20 == 0) print "  " n " of " total } \
	      /^Installing collected/ { print "  unpacking" } END { fflush() }'
endef

$(RUNTIME): requirements/base.txt
	$(call install,requirements/base.txt)
	@touch $@

$(TOOLS): requirements/base.txt requirements/dev.txt
	$(call install,requirements/dev.txt)
	@touch $(RUNTIME) $@

# npm's part of the pages: see requirements/npm.txt.
$(FRONT): requirements/npm.txt requirements/npm.py
	@echo "Fetching front-end files from npm"
	@$(PYTHON) requirements/npm.py
	@touch $@

.PHONY: help demo test lint races faults bench simulate requirements secrets compose-test

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNTIME) $(FRONT) ## Run everything here, with demo data, on http://127.0.0.1:PORT
	@PORT=$(PORT) exec $(BIN)/python -m config.demo

test: lint $(FRONT) ## Check the code, then run the tests on their own servers
	@$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0 \
	    || { echo 'Models and migrations differ: run .venv/bin/python manage.py makemigrations'; exit 1; }
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not race and not fault" tests $(ARGS)

lint: $(TOOLS) ## Ruff, mypy, the contracts between packages, and what the requirements pin
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python requirements/check.py

races: $(TOOLS) ## Concurrent writers through every write path, for RACES_SECONDS, and what takes minutes
	@RACES_SECONDS=$(RACES_SECONDS) $(BIN)/python -m pytest --timeout $$(($(RACES_SECONDS) + 240)) tests -m race $(ARGS)

faults: $(TOOLS) ## Kill workers, servers and connections under load, for RACES_SECONDS
	@RACES_SECONDS=$(RACES_SECONDS) $(BIN)/python -m pytest --timeout $$(($(RACES_SECONDS) + 240)) tests -m fault $(ARGS)

bench: $(TOOLS) ## Measure, and write the table of docs/performance.md
	@$(BIN)/python -m bench $(ARGS)

simulate: $(TOOLS) ## A CLINIC lived for WEEKS with each of SEEDS, and without what the service does by itself
	@$(BIN)/python -m config.simulate --weeks $(WEEKS) --seeds $(SEEDS) --clinic $(CLINIC) $(ARGS)
	@$(BIN)/python -m bench.simulation $(WEEKS) $(patsubst %/simulation,%,.simulation/$(CLINIC))

secrets: ## Make the secrets of docker-compose.yml, with a first certificate for PUBLIC_URL
	@PUBLIC_URL=$(PUBLIC_URL) ops/make-secrets

compose-test: $(RUNTIME) ## Bring docker-compose.yml up for real, book, kill and roll its services, take it down
	@$(BIN)/python -m tests.compose

requirements: ## Compile requirements/*.in again, with hashes and without addresses
	@test -x .venv-uv/bin/uv || { $(PYTHON) -m venv .venv-uv && .venv-uv/bin/python -m pip install --quiet uv; }
	@for name in base dev node providers observing; do .venv-uv/bin/uv pip compile requirements/$$name.in -o requirements/$$name.txt \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	    --quiet $(ARGS) || exit 1; done
