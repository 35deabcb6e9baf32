# `make run` and `make test` need Python 3.11 or later and nothing else; `make check` uses Node too where a ruleset is set.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
# The first Python that is recent enough. Another one: make run PYTHON=/path/to/python
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$each"; break; }; done)
ENVIRONMENT = $(or $(PYTHON),$(error Python 3.11 or later is needed)) scripts/environment.py
WORKERS ?= 2
ARGS ?=

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: runtime dev
runtime:
	@$(ENVIRONMENT) runtime
dev:
	@$(ENVIRONMENT) dev

##
.PHONY: run
run: runtime ## Start the service with demo data on http://127.0.0.1:8000 (PORT=… for another port); stop with Ctrl-C
	@exec $(BIN)/servicepunt run

.PHONY: demo-reset
demo-reset: runtime ## Throw the demo data away and make it anew
	@exec $(BIN)/servicepunt demo-reset

.PHONY: test
test: dev ## Run the tests on SQLite and on PostgreSQL (ARGS="-k signal" for some of them)
	@exec $(BIN)/python -m pytest -n $(WORKERS) -m "not long" --durations=10 $(ARGS)

.PHONY: test-long
test-long: dev ## Run the long tests: the API against its document, whole ways, faults, privacy over time
	@exec $(BIN)/python -m pytest -n $(WORKERS) -m long --durations=10 $(ARGS)

.PHONY: check
check: check-style check-types check-rooms check-openapi check-api ## Style, types, layering, openapi.yaml, API design rules

.PHONY: check-style check-types check-rooms check-openapi check-api
check-style: dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
check-types: dev
	$(BIN)/mypy
check-rooms: dev
	$(BIN)/lint-imports
check-openapi: dev
	@scripts/openapi_in_sync.sh
check-api:
	@scripts/lint_api.sh

.PHONY: fmt
fmt: dev ## Put the code in the agreed form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: openapi
openapi: runtime ## Write openapi.yaml from the code
	$(BIN)/servicepunt openapi --write openapi.yaml

.PHONY: bench
bench: dev ## Measure the hot paths against the floor
	@exec $(BIN)/python -m tests.bench $(ARGS)

.PHONY: bench-signals
bench-signals: dev ## Measure 10,000 contract ends as a file
	@exec $(BIN)/python -m tests.bench.signalling $(ARGS)

.PHONY: bench-reassign
bench-reassign: dev ## Measure reassigning 10,000 clients
	@exec $(BIN)/python -m tests.bench.reassigning $(ARGS)

.PHONY: bench-transfer
bench-transfer: dev ## Measure passing on 10,000 referrals
	@exec $(BIN)/python -m tests.bench.transferring $(ARGS)

.PHONY: bench-matching
bench-matching: dev ## Measure the best of 100,000 candidates (ARGS="--candidates 1000000", --only sqlite)
	@exec $(BIN)/python -m tests.bench.matching $(ARGS)

.PHONY: bench-region
bench-region: dev ## Measure the lists of a WSP with 50,000 vacancies
	@exec $(BIN)/python -m tests.bench.region $(ARGS)

.PHONY: bench-night
bench-night: dev ## Measure one night of the clock over 1,000,000 employments
	@exec $(BIN)/python -m tests.bench.night $(ARGS)

.PHONY: bench-import
bench-import: dev ## Measure a contract register as a file (ARGS=--rows 1000000, --only sqlite)
	@exec $(BIN)/python -m tests.bench.importing $(ARGS)

.PHONY: lock
lock: dev ## Renew the lock files after a change in pyproject.toml (ARGS=--upgrade for newer versions)
	@scripts/lock.sh $(ARGS)

.PHONY: clean
clean: ## Remove the environment and all caches; the data in var/ stays
	rm -rf .venv scripts/lint/node_modules build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find service tests scripts -type d -name __pycache__ -prune -exec rm -rf {} +
