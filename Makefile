# Masaha's commands. `make` alone lists them.
#
# Settings are environment variables or arguments: make up MASAHA_PORT_BASE=9300

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv/bin
LOCAL := $(VENV)/python -m deploy.local
# What works with nothing installed too, or with a .venv that is broken.
ALWAYS := $$($(VENV)/python -c 'import kombu, pymongo' 2>/dev/null && echo $(VENV)/python || echo $(PYTHON)) -m deploy.local
INSTALL := $(PYTHON) deploy/local/install.py
T ?= tests
# Tests run on so many workers at a time; those of one file on one.
WORKERS ?= 2
PARALLEL = $(if $(findstring .py,$(T)),,-n $(WORKERS))

.DEFAULT_GOAL := help
.PHONY: checkov compose-settings test-containers test-cluster help demo up down restart status logs doctor install install-dev test unit lint format docs bench load faults lock clean

help: ## List these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install ## Install, start, seed, play the main job step by step, stop
	@$(LOCAL) demo

up: install ## Start everything and leave it running; prints the address and the sign-ins
	@$(LOCAL) up

down: ## Stop everything; the data is kept
	@$(ALWAYS) down

restart: ## Restart one process, with new settings if any: make restart S=gateway LOG_LEVEL=DEBUG
	@$(LOCAL) restart $(S)

status: ## Show each process and whether it works, or one: make status S=gateway
	@$(ALWAYS) status $(S)

logs: ## Follow the logs, or one of them: make logs S=gateway
	@$(ALWAYS) logs $(S)

doctor: ## Check what this machine has and lacks
	@$(ALWAYS) doctor

install: ## Install what the stack needs into .venv
	@$(INSTALL) local

install-dev: ## Install everything, tests and tools included, into .venv
	@$(INSTALL) dev

test: lint ## Install, lint, and run every test on a real broker and database: make test T=tests/unit/bookings
	@$(VENV)/python -m pytest $(PARALLEL) $(T)

unit: ## Run the tests that need no server; installs and lints nothing
	@$(VENV)/python -m pytest -q -n $(WORKERS) tests/unit

lint: install-dev ## Check style, types and import rules
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports

format: install-dev ## Rewrite the code in the project's style
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

docs: install-dev ## Write the generated documents: errors, events, states, schemas
	@$(VENV)/python -m docs.generate

bench: install-dev ## Measure the whole path beside its floor; writes .local/bench.json
	@$(VENV)/python -m tests.bench

load: install-dev ## Put the system under load with Locust; writes .local/load.json
	@$(VENV)/python -m tests.load

faults: install-dev ## Kill processes under work and check that nothing is lost
	@FAULTS_ROUNDS=$${FAULTS_ROUNDS:-1} $(VENV)/python -m pytest tests/faults -s

lock: install-dev ## Renew the locked requirement files from the .in files
	@for name in base documents gateway local dev checkov; do \
	  echo "requirements/$$name.txt"; \
	  (cd requirements && ../$(VENV)/pip-compile --quiet --strip-extras --allow-unsafe --no-header \
	    --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --output-file $$name.txt $$name.in) || exit 1; \
	done

compose-settings: ## Write deploy/settings.env for deploy/compose.yaml; what is there stays
	@$(PYTHON) -m deploy.setup settings deploy/settings.env

checkov: install-dev ## Check manifests and Dockerfile with Checkov, in an environment of its own (300 MB)
	@[ -e .checkov/bin/checkov ] && cmp -s requirements/checkov.txt .checkov/installed.txt || { \
	  $(PYTHON) -m venv --clear .checkov && .checkov/bin/pip install -q -r requirements/checkov.txt && \
	  cp requirements/checkov.txt .checkov/installed.txt; }
	@$(VENV)/python -m deploy.checkov .checkov/bin/checkov

test-containers: install-dev ## Build the images and bring the compose file up, with a container engine of the test's own
	@$(VENV)/python -m pytest tests/containers

test-cluster: install-dev ## Kill and cut off nodes of a broker and a database of three nodes each; needs root
	@$(VENV)/python -m pytest -s tests/cluster

clean: ## Remove .venv and all data of the stopped stack
	@$(ALWAYS) status >/dev/null 2>&1; \
	  [ $$? -eq 3 ] || { echo "✗ The stack is running: make down first."; exit 1; }
	rm -rf .local .venv .checkov
