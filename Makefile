# Kinetic. `make run` shows it at work, `make help` lists everything.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PACKAGES = libs services examples tests tools $(wildcard benchmarks)

# How many tests run at once; those across services, which start clusters of their own, run one after the other.
JOBS ?= auto

# What `make fuzz` is given: make fuzz SECONDS=600 SEED=7 TARGET=csv
SECONDS ?= 60

# What `make chaos` is given: make chaos EVENTS=100000 KILLS=200 SEED=7
EVENTS ?= 10000
KILLS ?= 30
SEED ?= 1

# What `make simulate` is given: make simulate COMPANIES=200 SEED=7 FAMILY=mixed
COMPANIES ?= 200
FAMILY ?= mixed

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check docs fmt bench chaos fuzz simulate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install everything that is needed into .venv; does nothing when nothing has changed
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Kinetic needs Python 3.11 or newer, and $(PYTHON) is not: choose one with PYTHON=, e.g. make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) requirements/bootstrap.py $(VENV)

run: setup ## Start the example, watch one signal become one assignment and come back; Ctrl-C ends it (KEEP=1 HANDS_OFF=1 OFFSET=1000)
	@$(BIN)/python -m kinetic.cli run $(if $(KEEP),--keep) $(if $(HANDS_OFF),--hands-off) $(if $(OFFSET),--port-offset $(OFFSET))

demo: setup ## The same once, unattended, on free ports; exits 0 when the loop has closed
	@$(BIN)/python -m kinetic.cli demo

test: setup ## Run all tests on a real Kafka and a real Postgres
	$(BIN)/python -m pytest libs services examples tools -n $(JOBS) --maxprocesses 4 --dist loadfile
	$(BIN)/python -m pytest tests

check: setup ## Formatting, lint, strict types, import rules, sizes, generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports
	$(BIN)/python -m tools.sizes
	$(BIN)/python -m tools.documents check

docs: setup ## Write the generated documents and golden schemas
	$(BIN)/python -m tools.documents write

fmt: setup ## Format the code and sort its imports
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

bench: setup ## Measure the speed of every stage against hand-written floors
	$(BIN)/python -m benchmarks

chaos: setup ## Kill services, broker and Postgres at random, then check the ledger (EVENTS=, KILLS=, SEED=)
	$(BIN)/python -m tests.chaos --events $(EVENTS) --kills $(KILLS) --seed $(SEED)

fuzz: setup ## Read texts that are changed at random, until a reader does more than refuse one (SECONDS=, SEED=, TARGET=)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED) $(if $(TARGET),--target $(TARGET))

simulate: setup ## Judge decisions in companies with a known truth (COMPANIES=, SEED=, FAMILY=); the last line is JSON
	@$(BIN)/python -m tools.simulation --companies '$(COMPANIES)' --seed '$(SEED)' --family '$(FAMILY)'

clean: ## Remove the virtual environment and the data of the example
	rm -rf $(VENV) .kinetic
