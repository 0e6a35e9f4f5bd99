# The two commands a newcomer needs: make run, make test.
PYTHON ?= python3
RUN    := .venv/bin/python
PYTEST := $(RUN) -m pytest

.PHONY: run test test-heavy check docs assess lock clean

run: .venv/.ready          ## Serve the dashboard; a sample when this machine has no transcripts
	@$(RUN) -m pawl up --sample-if-empty

test: .venv/.ready         ## The everyday suite
	@$(PYTEST) -m "not heavy" -n 2 --dist loadfile --junitxml=.venv/report-everyday.xml $(ARGS)

test-heavy: .venv/.ready   ## Crash, scale and long end-to-end suites
	@$(PYTEST) -m heavy --junitxml=.venv/report-heavy.xml $(ARGS)

check: .venv/.ready        ## Style, types, contracts
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

docs: .venv/.ready         ## Write the generated pages of the reference
	@$(RUN) scripts/make_reference.py

assess: .venv/.ready       ## Assess this repository, and write docs/maturity-of-pawl.md
	@$(RUN) scripts/assess_self.py --page $(wildcard .venv/report-*.xml)

lock: .venv/.ready         ## Resolve the dependencies again
	@.venv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

.venv/.ready: bootstrap.lock requirements.lock pyproject.toml scripts/bootstrap.py
	@echo "pawl: making .venv from the lock (about a minute the first time)" >&2
	@$(PYTHON) scripts/bootstrap.py

clean:                     ## Remove the environment and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
