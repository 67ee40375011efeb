# Every target makes what it needs: only make and a Python >= 3.11 must be there.
# Another torch or another package index:  make test PIP_ARGS="--extra-index-url https://..."

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SAFETY := $(VENV)-safety/bin
PEERS := runs/peers-venv
PEERS_PYTHON ?= python3.11
BENCHMARKS := grid.py coverage.py ablation.py real_data.py consistency.py paper_sets.py mine.py throughput.py \
	speed.py bench_ksg_speed.py intervals.py independence_tests.py conditional.py calibration.py selection.py matrix.py \
	infomax.py representation.py
BMI_SAMPLES := ../shared/bmi_v1.npz
SITE := doc/_build/html
RUN := OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1}
JOBS ?= 2
LEAST_COVERAGE := 96
PYTEST := $(RUN) $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help venv test test-fast test-durations fuzz soak safety coverage lint types demo bench bench-quick bench-figures peers wheel \
	test-wheel test-newcomer doc

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

venv: $(STAMP)  ## make .venv and install the package with its test tools

$(STAMP): pyproject.toml constraints.txt setup.py $(wildcard skmist/_neighbors/*.[ch])
	@if [ -z "$(PYTHON)" ]; then echo "No Python >= 3.11 found; name one: make $(MAKECMDGOALS) PYTHON=/path/to/python"; exit 1; fi
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip -qq --disable-pip-version-check install $(PIP_ARGS) --constraint constraints.txt --editable ".[test,lint,plot]"
	@touch $@

test: $(STAMP)  ## run all tests and the examples in the docstrings
	$(PYTEST) -n $(JOBS) $(PYTEST_ARGS)

test-fast: $(STAMP)  ## run the tests that take no time, a minute on two cores
	$(PYTEST) -n $(JOBS) -m "not slow" tests $(PYTEST_ARGS)

test-durations: $(STAMP)  ## measure all tests anew and list the slow ones in tests/slow.txt
	$(PYTEST) -p tests.durations

fuzz: $(STAMP)  ## ask every entrance about 50,000 nasty frames, half an hour of one core; others from START= on
	$(RUN) $(BIN)/python -W ignore -m tests.shaken.shaking --start $${START:-0} --frames $${FRAMES:-50000}

soak: $(STAMP)  ## 8 threads, 4 processes, a raced start, and 10,000 estimates in flat memory
	$(RUN) $(BIN)/python -W ignore -m tests.shaken.soak

safety: $(STAMP)  ## bandit on the package, pip-audit on what is installed, both from an environment of their own
	@test -x $(SAFETY)/bandit || ($(PYTHON) -m venv $(VENV)-safety && \
		$(SAFETY)/python -m pip -qq --disable-pip-version-check install $(PIP_ARGS) bandit pip-audit)
	$(SAFETY)/bandit -q -c pyproject.toml -r skmist
	$(SAFETY)/pip-audit --skip-editable --path $(firstword $(wildcard $(VENV)/lib/python3*/site-packages))

coverage: $(STAMP)  ## run the fast tests and say which lines of skmist they never reach
	$(PYTEST) -n $(JOBS) -m "not slow" --cov --cov-fail-under=$(LEAST_COVERAGE) tests $(PYTEST_ARGS)

lint: $(STAMP)  ## ruff, its format, spelling and docstrings: what .pre-commit-config.yaml runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/numpydoc lint $$(find skmist -name '*.py')

types: $(STAMP)  ## mypy
	$(BIN)/mypy

demo: $(STAMP)  ## rank the columns of two real data sets: table and picture
	$(RUN) $(BIN)/skmist demo

bench: $(STAMP)  ## measure accuracy and speed, hours; tables go to benchmarks/results, pictures to doc/benchmark
	@set -e; for script in $(BENCHMARKS); do echo "$$script"; $(RUN) $(BIN)/python benchmarks/$$script; done
	$(RUN) $(BIN)/python benchmarks/bmi.py --n 1000 5000 10000 $$(test -e $(BMI_SAMPLES) || echo --drawn)
	$(RUN) $(BIN)/python benchmarks/bmi.py --mixtures
	$(RUN) $(BIN)/python benchmarks/figures.py

bench-quick: $(STAMP)  ## measure the headline figures in a few minutes and compare them with the committed ones
	$(RUN) $(BIN)/python benchmarks/quick.py

bench-figures: $(STAMP)  ## draw the tables and figures of the documentation from the committed results
	$(RUN) $(BIN)/python benchmarks/figures.py

peers: $(PEERS)/.installed  ## make the environment of the other packages' estimators, see benchmarks/peers

$(PEERS)/.installed: benchmarks/peers/requirements.txt
	@test -x $(PEERS)/bin/python || $(PEERS_PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip -qq --disable-pip-version-check install $(PIP_ARGS) --requirement $<
	@touch $@

wheel: $(STAMP)  ## build the wheel into dist/
	@rm -rf build dist/*.whl  # what an older build left there would be packed again
	@$(BIN)/python -m pip -qq --disable-pip-version-check wheel $(PIP_ARGS) --no-deps --wheel-dir dist .
	@ls dist/*.whl

test-wheel: wheel  ## install the wheel in an empty environment and ask it without a network
	$(RUN) SKMIST_WHEEL=$$(ls $(CURDIR)/dist/*.whl) $(BIN)/python -m pytest -q tests/house/test_wheel.py

test-newcomer: wheel  ## the same with all that it needs from the package index: some minutes, 1 GB
	$(RUN) SKMIST_FROM_INDEX=1 SKMIST_WHEEL=$$(ls $(CURDIR)/dist/*.whl) $(BIN)/python -m pytest -q tests/house/test_wheel.py

doc: $(STAMP).doc  ## build the documentation site in doc/_build/html, with its gallery, and check its links
	@rm -rf doc/api/generated  # a page of a name that is gone would stay
	$(RUN) MPLBACKEND=Agg $(BIN)/python -m sphinx -q -W --keep-going doc $(SITE)
	$(BIN)/python doc/check_links.py $(SITE)

$(STAMP).doc: $(STAMP)
	$(BIN)/python -m pip -qq --disable-pip-version-check install $(PIP_ARGS) --constraint constraints.txt --editable ".[doc]"
	@touch $@
