# make demo · make test · make check · make bench · make serve

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# A folder of labelled people (Parquet with unique_id and cluster), for the accuracy benchmark.
LABELLED ?= ../shared/data
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo run serve test test-fast check format bench clean

help:
	@echo "make demo       install, open the sandbox retailer, run raw to activation on it, show what came out"
	@echo "make serve      Dagster's UI and the profile API on what the last run published"
	@echo "make test       every test          make test-fast   the ones that take seconds"
	@echo "make check      ruff, mypy, sqlfluff, the architecture"
	@echo "make bench      the benchmarks; each prints ratios against a peer run beside it"
	@echo "make clean      forget the demo: stop the embedded database and remove .braid"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/braid demo

run: $(READY)
	$(BIN)/braid run

serve: $(READY)
	$(BIN)/braid serve

test: $(READY)
	$(BIN)/pytest

test-fast: $(READY)
	$(BIN)/pytest -m "not slow" tests/unit tests/architecture tests/contract

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests
	$(BIN)/pytest tests/architecture

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python benchmarks/sandbox_generation.py
	$(BIN)/python benchmarks/identity_accuracy.py $(LABELLED)

clean: $(READY)
	$(BIN)/braid clean
