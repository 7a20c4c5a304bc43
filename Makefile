# Every target does its own set-up: a fresh clone needs only Python 3.11+ and make.
#   make test                      everything, from nothing
#   make setup TORCH_INDEX=<URL>   take PyTorch from the index that its site names (CPU, CUDA)

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := requirements/lock.txt
READY := $(VENV)/.ready
TORCH := $(shell sed -n 's/^\(torch==[^ ;]*\).*/\1/p' $(LOCK))
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Tests start processes by the hundred: compiled once, not by each of them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup check format test test-slow demo bench docs lock clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make the virtual environment and install the locked dependencies.

# PyTorch first and by itself: its build (CPU or CUDA) is chosen here, and the lock file then keeps it.
$(READY): $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	$(PIP) install --quiet --requirement $(LOCK)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

check: $(READY) ## Format, lint, types, import layers, docstrings.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests conftest.py $(wildcard bench)
	$(BIN)/lint-imports
	$(BIN)/pydoclint --quiet src

format: $(READY) ## Format the code and fix what ruff can fix.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Files go to workers whole, so that blocks of a page and tests of one run share what they made.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test: $(READY) ## Run the default tests (a good two minutes on two cores).
	$(PYTEST)

test-slow: $(READY) ## Run the slow tests.
	$(PYTEST) -m slow

demo: $(READY) ## Three turns of the works on a simulated fleet, in about a minute and a half.
	$(BIN)/bessemer demo

DATA ?= ../shared/data

bench: $(READY) ## Measure (hours; cells are cached, so stop and go on at will). DATA=DIR holds gtsrb and camvid.
	$(BIN)/python -m bench.data_commits
	$(BIN)/python -m bench.first_look --data $(DATA)
	$(BIN)/python -m bench.gate_power
	$(BIN)/python -m bench.label_errors --data $(DATA)
	$(BIN)/python -m bench.label_efficiency --dataset gtsrb --data $(DATA)
	$(BIN)/python -m bench.scene_labels --data $(DATA)
	$(BIN)/python -m bench.transfer --data $(DATA)
	$(BIN)/python -m bench.twin_render
	$(BIN)/python -m bench.twin_process
	$(BIN)/python -m bench.twin_record
	$(BIN)/python -m bench.twin_night
	$(BIN)/bessemer run signs --data $(DATA)/gtsrb --works works/bench
	$(BIN)/python -m bench.cost --works works/bench --out bench/results/cost.json

docs: $(READY) ## Run every block of README.md and docs/, and hold ARCHITECTURE.md against the tree.
	$(BIN)/python -m pytest tests/docs tests/architecture

lock: $(READY) ## Resolve pyproject.toml again, keeping the locked versions that still fit.
	$(BIN)/pip-compile --quiet --all-extras --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file $(LOCK) pyproject.toml
	@# Which build of torch (+cpu, +cu130) is the installer's choice, not the lock's.
	@sed -i -e 's/^\(torch==[0-9.]*\)+[a-z0-9.]*/\1/' -e '/^#/d' -e '/^$$/d' $(LOCK)
	@! grep -E '^(nvidia-|triton|cuda-)' $(LOCK) || { echo "The lock holds CUDA packages." >&2; exit 1; }

clean: ## Remove the environment, caches and builds. Works (lakes, ledgers) stay.
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
