# make demo     the demonstration on this machine, at http://localhost:$(PORT)/
# make test     every test: Python, TypeScript, a real Chromium, real servers
# make check    formatter, linter, types, import contracts, migrations, duplicates
# make training adds PyTorch for inference.training and its tests
#
# Every target is idempotent.

PORT ?= 8000
# Empty: scripts/make-venv looks for one.
PYTHON ?=

BIN := .venv/bin
VENV := .venv/made-venv
APP := .venv/made-app
DEV := .venv/made-dev
NODE_MODULES := frontend/node_modules/.made
DIST := frontend/dist/manifest.json
PO := $(wildcard fer_lms/locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
FRONTEND := $(shell find frontend/src frontend/public -type f) $(wildcard frontend/*.json frontend/*.ts)

SYSTEM_PACKAGES := python3-venv libegl1 libgles2
TEST_PACKAGES := chromium redis-server postgresql

# Tools report no usage; the Python packages set the same for themselves (inference/telemetry.py).
export ORT_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1
export REDOCLY_TELEMETRY := off
export PIP_DISABLE_PIP_VERSION_CHECK := 1

QUIETLY := scripts/quietly
NPM := scripts/with-node npm
# A part of the tests that hangs in spite of its own limits (tests/run_limits.py) ends after two hours.
WITHIN_LIMIT := timeout --foreground --kill-after=60 7200
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
# scripts/lock compiles the lock files.
.PHONY: demo setup dev docs training test test-frontend test-servers test-processes test-python check clean \
	system-packages test-packages models \
	check-dead-code check-spelling check-format check-lint check-types check-imports check-migrations check-duplicates \
	check-lockfiles check-frontend check-inventory check-accessibility api-types messages

# --- For users -------------------------------------------------------------------------------

demo:
	@$(MAKE) -j4 setup
	@exec env FER_DEMO=1 $(BIN)/python manage.py demo --port $(PORT)

setup: system-packages $(APP) models $(DIST) $(MO)

clean:
	rm -rf .venv frontend/node_modules frontend/dist var/made $(MO)

# --- Prerequisites ---------------------------------------------------------------------------

# After the environment, which installs a system package too: apt-get does not run in parallel.
system-packages: $(VENV)
	@scripts/system-packages $(SYSTEM_PACKAGES)

$(VENV):
	@$(QUIETLY) "Python environment" scripts/make-venv "$(PYTHON)"
	@touch $@

$(APP): $(VENV) requirements.lock
	@$(QUIETLY) "Python packages" scripts/install-locked requirements.lock
	@touch $@

$(DEV): $(VENV) requirements.lock requirements-dev.lock
	@$(QUIETLY) "Python packages, with those for tests" scripts/install-locked requirements-dev.lock
	@touch $@ $(APP)

models: $(VENV)
	@$(QUIETLY) "Models" $(BIN)/python -m inference fetch-models

$(NODE_MODULES): frontend/package-lock.json frontend/.npmrc | $(VENV)
	@$(QUIETLY) "Front-end packages" $(NPM) --prefix frontend ci --no-audit --no-fund
	@touch $@

$(DIST): $(NODE_MODULES) $(FRONTEND)
	@$(QUIETLY) "Front end" $(NPM) --prefix frontend run build
	@touch $@

$(MO) &: $(PO) | $(APP)
	@$(QUIETLY) "Translations" $(BIN)/python -m fer_lms.translations compile

# --- For developers --------------------------------------------------------------------------

# A failed download of the models is no error: tests that need them are skipped.
dev: test-packages $(DEV) $(DIST)
	@$(MAKE) $(MO)
	-@$(MAKE) models

test-packages: $(VENV)
	@scripts/system-packages $(SYSTEM_PACKAGES) $(TEST_PACKAGES)

training: $(DEV)
	@$(BIN)/python -c "import torch" 2>/dev/null || \
		$(QUIETLY) "PyTorch" $(BIN)/python -m pip install "torch==2.13.0"

# All four parts run, whichever fails, test-python beside the others. It runs in the background and its
# output is printed last, so that its summary of skipped tests is at the end. Background processes of a
# shell ignore SIGINT, which the tests of Ctrl-C would inherit: hence env.
test:
	@$(MAKE) -j4 dev
	@failed=; \
	log=$$(mktemp); \
	env --default-signal=INT $(MAKE) test-python >"$$log" 2>&1 & python=$$!; \
	trap 'kill $$python 2>/dev/null; rm -f "$$log"' EXIT; \
	for part in test-frontend test-servers test-processes; do \
		$(MAKE) $$part || failed="$$failed $$part"; \
	done; \
	tail -n +1 --pid=$$python -f "$$log"; \
	wait $$python || failed="$$failed test-python"; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed"; exit 1; fi

test-frontend: $(NODE_MODULES)
	$(WITHIN_LIMIT) $(NPM) --prefix frontend test

# The server-side tests on PostgreSQL and redis-server.
test-servers: $(DEV)
	$(WITHIN_LIMIT) scripts/with-servers $(BIN)/python -m pytest $(addprefix tests/, \
		api consent demo/test_lessons.py engagement installation lessons people policy reports rights streaming upgrades)

# Tests that start the product's processes or Chromium, and wait for them more than they compute.
PROCESS_TESTS := $(addprefix tests/, story operations leaks installation test_deployment.py)

test-processes: $(DEV)
	$(WITHIN_LIMIT) $(BIN)/python -m pytest $(PROCESS_TESTS)

# All other tests, with the coverage of what runs in pytest's own process.
test-python: $(DEV)
	$(WITHIN_LIMIT) $(BIN)/python -m pytest --cov --cov-report= $(PROCESS_TESTS:%=--ignore=%)

# axe on every page as every role, in each language and colour scheme: about half an hour.
check-accessibility: $(DEV) $(DIST)
	@nice -n 10 $(BIN)/python -m tests.bench.accessibility

check: $(DEV) $(NODE_MODULES)
	@$(MAKE) -k -j2 --output-sync=target check-spelling check-types check-duplicates check-frontend \
		check-format check-lint check-imports check-migrations check-lockfiles check-inventory check-dead-code docs
	@echo "All checks of make check passed."

check-format:
	$(BIN)/ruff format --check .

check-dead-code:
	@scripts/check-dead-code

check-spelling:
	git ls-files -z | grep -zvE '\.(lock|json|png|gz|onnx|safetensors|woff2)$$' | xargs -0 $(BIN)/codespell

check-lint:
	$(BIN)/ruff check .

# inference.training cannot be type-checked without PyTorch.
check-types:
	@if $(BIN)/python -c "import torch" 2>/dev/null; then $(BIN)/mypy; \
	else echo "SKIPPED: types of inference.training need PyTorch (make training)"; \
		$(BIN)/mypy --exclude "^(inference|tests)/training/"; fi

check-imports:
	$(BIN)/lint-imports --no-cache

check-migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run

check-inventory:
	$(BIN)/python manage.py data_inventory --check

check-duplicates:
	$(BIN)/pylint fer_lms inference tests

check-lockfiles:
	@scripts/check-lockfiles

# Strict: a dead link, a missing anchor or a page outside the navigation fails.
docs: $(DEV)
	@$(QUIETLY) "Documentation in site/" env NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

check-frontend:
	@scripts/api-types --check
	$(NPM) --prefix frontend run check

# Run after a change of a text: writes fer_lms/locale/*/LC_MESSAGES/*.po (docs/contributor/translation.md).
messages: $(DEV)
	@$(BIN)/python -m fer_lms.translations update

# Run after a change of the REST API's serializers.
api-types: $(DEV) $(NODE_MODULES)
	@scripts/api-types
