# `make demo` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: env demo demo-incident test lint soak bench bench-matching lock packages clean

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

env: $(STAMP)

packages:
	@scripts/debian-packages

demo: env
	$(BIN)/sekisho demo demo --run

demo-incident: env
	$(BIN)/sekisho demo demo-incident --incident

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: env packages lint
	$(BIN)/pytest -m "not soak" -n 2 --dist loadfile

soak: env packages
	$(BIN)/pytest -m soak

build/peers/bin/python: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv build/peers
	build/peers/bin/pip install --quiet --disable-pip-version-check -r $<

bench: env build/peers/bin/python
	$(BIN)/python -m benchmarks --peers build/peers/bin/python

bench-matching: env build/peers/bin/python
	$(BIN)/python -m benchmarks.linkage.scale --peer build/peers/bin/python

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra demo --extra letters --extra ocr --extra web --group dev --generate-hashes --no-header --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) demo demo-incident
