# make demo · make test · make check · make bench · make serve

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# A folder of labelled people (Parquet with unique_id and cluster), for the accuracy benchmark.
LABELLED ?= ../shared/data
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo run serve test test-fast check format bench peers bench-accuracy bench-identity bench-engines bench-serve bench-api bench-sync bench-events clean

help:
	@echo "make demo       install, open the sandbox retailer, run raw to activation on it, show what came out"
	@echo "make serve      Dagster's UI and the profile API on what the last run published"
	@echo "make test       every test          make test-fast   the ones that take seconds"
	@echo "make check      ruff, mypy, sqlfluff, the architecture"
	@echo "make bench      the benchmarks; each prints ratios against a peer run beside it"
	@echo "make bench-accuracy   Braid beside Splink, GoldenMatch and recordlinkage on every labelled table (LABELLED=folder)"
	@echo "make bench-identity   identity on a million records, ten thousand more, one looked up; Splink alone beside it"
	@echo "make bench-serve      golden, marts and segments of 58,000 people: built whole, and after one per cent more"
	@echo "make bench-api        a million profiles: lookups at 300 a second, and at saturation beside pgbench"
	@echo "make bench-sync       100,000 rows to a look-alike for the first time, then one per cent changed"
	@echo "make bench-events     200,000 events over HTTP until all are durable, beside PostgreSQL's COPY of the same rows"
	@echo "make bench-engines    the same clusters from DuckDB and from Spark (needs Java 17; LABELLED=folder)"
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

# Spark is an extra that only its own tests and benchmark need.
$(VENV)/.ready-spark: $(READY)
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,spark]'
	@touch $@

# A file's tests stay together: what they share (a built warehouse, a server) is made once. In the tree's own order whole
# journeys come early and the small ones of tests/unit fill both processes at the end.
test: $(VENV)/.ready-spark
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

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
	$(BIN)/python -m benchmarks.serve_build

# Peers of the accuracy benchmark that cannot share Braid's environment; one that cannot be made is shown as such.
$(VENV)/peers/%/.ready: benchmarks/accuracy/requirements/%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	@touch $@

peers: $(VENV)/peers/goldenmatch/.ready $(VENV)/peers/recordlinkage/.ready

bench-accuracy: $(READY)
	-@$(MAKE) --no-print-directory --keep-going peers
	$(BIN)/python -m benchmarks.accuracy $(LABELLED) --environments $(VENV)/peers

bench-serve: $(READY)
	$(BIN)/python -m benchmarks.serve_build

bench-api: $(READY)
	$(BIN)/python -m benchmarks.api_load

bench-sync: $(READY)
	$(BIN)/python -m benchmarks.sync_scale

bench-events: $(READY)
	$(BIN)/python -m benchmarks.events_load

bench-identity: $(READY)
	$(BIN)/python -m benchmarks.identity_scale
	$(BIN)/python -m benchmarks.identity_lookup

bench-engines: $(VENV)/.ready-spark
	$(BIN)/python benchmarks/identity_engines.py $(LABELLED)

clean: $(READY)
	$(BIN)/braid clean
