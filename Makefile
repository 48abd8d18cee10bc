# Everything a contributor or a first-time user runs. `make help` explains.
.DEFAULT_GOAL := help
.PHONY: help run test test-only web web-test lint types bench browser-full pages soak picture lock clean

PYTHON ?= python3
SIMULATE_MINUTES ?= 10
UV_VERSION := 0.13.9
BIN := .venv/bin
UV := .tools/uv/bin/uv
NPM := sh tools/npm.sh
# Each of the checks has one core work; what they say stays together, where make can do that (4.0, not on macOS).
SIDE_BY_SIDE := -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
CONSOLE := broker/console/site/index.html
DESK := audit/service/site/index.html
LOCAL := agent_client/page/site/index.html

# A company's own authority is in the system's store; pip goes by it, uv when told so.
export UV_SYSTEM_CERTS ?= 1

# Tests and `make run` start many processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.runtime $(CONSOLE) $(DESK) $(LOCAL) ## Set up, then start a broker with a practice customer waiting for you
	$(BIN)/consentry practice --data .run

test: .venv/.dev ## Set up, check style, types and imports, run the fast suite
	@$(MAKE) $(SIDE_BY_SIDE) types web-test lint web
	@$(MAKE) test-only

# The failing system calls run the broker under strace: `make soak` runs all of them.
test-only: .venv/.dev $(CONSOLE) $(DESK) $(LOCAL)
	sh tools/require_clients.sh
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -q --ignore=tests/faults/test_system_calls.py

web: $(CONSOLE) $(DESK) $(LOCAL) ## Build the pages into broker, audit service and agent, if their source changed; says how large they are

web-test: web/node_modules/.installed ## Types, style and tests of the console's TypeScript
	$(NPM) run --silent types
	$(NPM) run --silent lint
	$(NPM) run --silent test

lint: .venv/.dev ## ruff and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/.dev ## mypy --strict
	$(BIN)/mypy

bench: .venv/.dev ## Measure against peers in the same run
	$(BIN)/python -m bench

browser-full: .venv/.dev $(CONSOLE) ## Files in the browser at full size: 100 MiB each way over a cut network, 200 MiB under new keys
	sh tools/require_clients.sh
	$(BIN)/pytest -q tests/web/test_console.py --browser-mib 100 --timeout 900
	$(BIN)/pytest -q tests/web/test_engineer.py -k renewed --rekey-mib 200 --timeout 1500

pages: .venv/.dev $(CONSOLE) $(DESK) $(LOCAL) ## Lighthouse's figures for the three pages
	$(BIN)/python -m bench --only pages

soak: .venv/.dev ## Kill everything at random, fail every system call once, simulate fresh seeds (SOAK="--minutes 5 --seed 7")
	sh tools/require_clients.sh
	$(BIN)/python -m soak $(SOAK)
	$(BIN)/python -m simulation --minutes $(SIMULATE_MINUTES)

picture: .venv/.dev $(CONSOLE) ## Take the pictures of the README anew, from a real session
	$(BIN)/python tools/take_picture.py docs/images
	$(BIN)/pytest -q tests/web/test_console.py -k sam
	cp .artefacts/4-terminal-en-GB-light-1440.png docs/images/console.png

lock: $(UV) ## Renew both lock files (they name no host)
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra broker pyproject.toml -o requirements.lock
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra broker --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove everything that was built or installed here (not .run, your practice data)
	rm -rf .venv .tools .artefacts web/node_modules broker/console/site audit/service/site agent_client/page/site bench/lighthouse/node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv lives in an environment of its own: `uv pip sync` removes whatever the lock does not name.
# Where uv cannot be had, the same locks go to pip.
$(UV):
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install -q uv==$(UV_VERSION) || echo "uv is not to be had here; pip installs the same locks, more slowly"

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Consentry needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

# The development lock holds the runtime lock's pins too, so `make run` after `make test` has nothing to do.
.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python $(UV)
	@if [ ! -f .venv/.dev ]; then \
	  if [ -x $(UV) ]; then $(UV) pip sync -q --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock; \
	  else $(BIN)/pip install -q --require-hashes -r requirements.lock; fi; \
	fi
	@$(PYTHON) tools/link_package.py .venv
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python $(UV)
	@if [ -x $(UV) ]; then \
	  $(UV) pip sync -q --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock && \
	  $(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation --no-index -e .; \
	else \
	  $(BIN)/pip install -q --require-hashes -r requirements-dev.lock && \
	  $(BIN)/pip install -q --no-deps --no-build-isolation --no-index -e .; \
	fi
	@touch $@

# Node's packages by the lock, which names no host; Node itself from a wheel where the machine has none.
web/node_modules/.installed: web/package-lock.json web/package.json web/.npmrc
	$(NPM) ci --no-audit --no-fund
	@touch $@

# One command builds every page: the second rule is for a page that somebody has removed.
$(CONSOLE): web/node_modules/.installed $(wildcard web/*.ts web/index.html web/*/index.html wording/*/*.ftl) $(shell find web/src -type f)
	$(NPM) run --silent build

$(DESK) $(LOCAL): $(CONSOLE)
	@test -f $@ || $(NPM) run --silent build
	@touch $@
