# `make run` and `make test` do all the set-up themselves on a machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: help setup run test check pictures model chaos tck bench plots lock front clean
.DEFAULT_GOAL := help

help:
	@echo "make run      start Ti Kub on http://127.0.0.1:$(PORT) with demo accounts"
	@echo "make test     every test, on SQLite and PostgreSQL, in a real browser"
	@echo "make model    10,000 random diagrams, ten paths each, judged by the model in tests/model"
	@echo "make chaos    kills, races, full disks and outages on both databases, judged by a ledger (docs/faults.md)"
	@echo "make check    ruff, mypy --strict, import contracts"
	@echo "make tck      the public conformance tests of DMN, where their data lies beside the project"
	@echo "make bench    what the hot paths cost, one line of JSON for each figure (ARGS=--quick: small sizes)"
	@echo "make plots    cost against loop passes, instances, open tasks and clients, drawn into docs/performance/"
	@echo "make setup    virtual environment, locked dependencies, front end, browser"
	@echo "make pictures the pictures of the documentation, taken from a played demonstration"
	@echo "make lock     resolve the dependencies again"

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

front: $(VENV)/.installed
	$(BIN)/python tools/front.py

setup: $(VENV)/.installed front
	$(BIN)/python tools/browser.py

run: $(VENV)/.installed front
	$(BIN)/tikub serve --demo --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n 2 $(ARGS)

model: $(VENV)/.installed
	$(BIN)/python -m pytest tests/model --model-diagrams 10000 --timeout 0 -rP $(ARGS)

chaos: $(VENV)/.installed
	$(BIN)/python -m chaos $(ARGS)

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pictures: setup
	$(BIN)/python -m tools.pictures

tck: $(VENV)/.installed
	$(BIN)/python tools/tck.py $(ARGS)

bench: $(VENV)/.installed
	$(BIN)/python -m bench $(ARGS)

plots: $(VENV)/.installed
	$(BIN)/python -m bench.plots $(ARGS)

lock:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
		--extra dev --extra tracing -o requirements.lock pyproject.toml tools/build-requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
		-o tools/node-requirements.lock tools/node-requirements.txt

clean:
	rm -rf $(VENV) node_modules web/frontend/node_modules web/static/dist .node
