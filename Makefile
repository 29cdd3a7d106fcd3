# Two commands: `make demo` and `make test`. Nothing else has to be prepared.
.PHONY: demo test bench reliability docs lock clean
.DELETE_ON_ERROR:

BIN = .venv/bin
SOURCES = $(shell find frontend/src -type f 2>/dev/null) frontend/package.json frontend/package-lock.json
# Tests of what looks the same whatever keeps the data: run once, on SQLite.
ANY_DATABASE = access api_access axe components api_document definition docs frame money question_types respond_look sharing_ways survey_bank \
    survey_exchange survey_exchange_formats engagement_axe engagement_flows engagement_speed engagement_usage arriving_engines
PO = $(wildcard src/percorso/locale/*/LC_MESSAGES/*.po)

demo: .venv/installed .venv/assets .venv/messages
	$(BIN)/percorso demo
	$(BIN)/percorso serve

test: .venv/installed-dev .venv/assets .venv/messages
	sh tools/chromium.sh
	sh tools/pango.sh
	sh tools/postgres.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/percorso docs --check
	$(BIN)/python -m pytest -n 3 --dist loadgroup
	$(BIN)/python -m tests.postgres -- $(BIN)/python -m pytest tests/app -n 3 --dist loadgroup $(ANY_DATABASE:%=--ignore=tests/app/test_%.py)

bench: .venv/installed-dev
	$(BIN)/python -m bench

reliability: .venv/installed-dev .venv/assets .venv/messages
	PERCORSO_TEST_KILLS=100 $(BIN)/python -m pytest tests/commands/test_tracking.py -k killed

docs: .venv/installed
	$(BIN)/percorso docs

.venv/installed: requirements.lock pyproject.toml tools/venv.sh
	sh tools/venv.sh requirements.lock
	touch $@

.venv/installed-dev: requirements-dev.lock pyproject.toml tools/venv.sh
	sh tools/venv.sh requirements-dev.lock
	touch .venv/installed $@

.venv/assets: $(SOURCES) tools/assets.sh | .venv/installed
	sh tools/assets.sh
	touch $@

.venv/messages: $(PO) | .venv/installed
	$(BIN)/python -m percorso.base.messages
	touch $@

lock:
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/lock.sh

clean:
	rm -rf .venv frontend/node_modules src/percorso/base/built
