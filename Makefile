# Works on a fresh machine with Python 3.11 or newer and its pip; everything else is installed into .venv.
VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
RUN := $(BIN)/medtables run corpora/sample --overwrite

.PHONY: help demo test coverage test-codes codes lint sample docs packaging audit clean

help:
	@echo 'make demo    run medtables over the sample pages, tables in outputs/demo'
	@echo 'make test    run the whole test suite'
	@echo 'make test-codes  check the codes against the official lists'
	@echo 'make codes   renew the codes after a change of the terms'
	@echo 'make coverage  run the whole test suite and tell the lines and branches that no test reaches'
	@echo 'make lint    check style, types and the direction of imports'
	@echo 'make sample  renew outputs/sample and outputs/README.md after a change'
	@echo 'make docs    renew the generated parts of the documentation'
	@echo 'make packaging  install wheel and sdist in empty environments and test them there'
	@echo 'make audit   known holes of the dependencies, and a bill of materials in dist/'
	@echo 'make clean   remove .venv, .codes and outputs/demo'

demo: $(VENV)/.installed
	@$(RUN) -o outputs/demo
	@echo
	@$(BIN)/medtables table outputs/demo concepts --sort=-mentions --limit 10 \
		--columns article_id,label,concept,mentions,present,absent
	@echo
	@echo 'Look at outputs/demo/mentions.csv; outputs/README.md tells what the columns mean.'
	@echo 'Next:    $(BIN)/medtables show corpora/sample/wordpress-muscle-twitching.html'

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n 2

# The watching makes some tests of time fail, which must not keep the report.
coverage: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	-HYPOTHESIS_PROFILE=few $(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-codes: $(VENV)/.installed-dev .codes/.installed
	$(BIN)/pytest tests/codes

codes: $(VENV)/.installed-dev .codes/.installed
	$(BIN)/python -m tests.codes.join

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

sample: $(VENV)/.installed
	$(RUN) -o outputs/sample -q
	rm -rf outputs/sample/.medtables
	$(BIN)/medtables compare outputs/sample -q
	$(BIN)/medtables report outputs/sample -q -o outputs/sample/heatmap.svg
	$(BIN)/python -m pipeline.dictionary > outputs/README.md

docs: $(VENV)/.installed-dev
	$(BIN)/python -m pipeline.dictionary > outputs/README.md
	grep -rl --include='*.md' --exclude-dir='.*' '\[\[\[cog' . | sort | PYTHONPATH=. xargs $(BIN)/cog -I . -r --verbosity=1

packaging: $(VENV)/.installed-dev
	$(BIN)/python tests/packaging/check.py

audit: $(VENV)/.installed
	$(PYTHON) tests/packaging/audit.py $(BIN)/python

clean:
	rm -rf $(VENV) .codes .audit outputs/demo

# The stamps are older than pyproject.toml only when there may be something new to install.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

.codes/.installed: tests/requirements-codes.txt | $(BIN)/python
	rm -rf .codes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .codes -r $<
	@touch $@

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'make: Python 3.11 or newer was not found'; exit 1; }
	$(PYTHON) -m venv $(VENV)
