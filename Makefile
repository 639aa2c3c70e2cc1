# `make help` tells what there is. HOST, PORT, VAR_DIR, DATABASE_URL, REDIS_URL, DEMO, DEMO_PASSWORD
# and YES are read from the environment: PORT=8001 make run.
MAKEFLAGS += --no-print-directory
PYTHON_IN := .venv/bin/python
SERVERS := $(PYTHON_IN) manage.py with_servers
# A start is half a dozen processes, a run of the tests hundreds: none compiles the house anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test fuzz check bench faults verify demo-reset lint format messages requirements clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s%s\n", $$1, $$2}' Makefile

run: ## Everything, with the demo, on http://127.0.0.1:8000; Ctrl-C stops it
	@bin/environment requirements.txt
	@exec $(PYTHON_IN) manage.py up

test: ## Every test, on a private PostgreSQL; ARGS="-k ledger" for some
	@bin/environment requirements-dev.txt
	@bin/test $(ARGS)

fuzz: ## 100,000 requests that the API's own description makes up; ARGS=5000 for fewer
	@bin/environment requirements-dev.txt
	@FUZZ=$(or $(ARGS),100000) bin/test tests/api/test_fuzzing.py

check: ## Lint, format, types, import rules, templates, missing migrations
	@bin/environment requirements-dev.txt
	@bin/check

bench: ## What must be fast, each as a ratio to its limit; takes minutes
	@bin/environment requirements.txt
	@$(SERVERS) --throwaway $(PYTHON_IN) -m benchmarks $(ARGS)

faults: ## Redis forgets, workers die, receivers do their worst, each with its control; takes minutes
	@bin/environment requirements-dev.txt
	@$(SERVERS) --throwaway $(PYTHON_IN) -m tests.faults $(ARGS)
	@bin/test tests/eventstream/test_ssrf.py tests/eventstream/test_hostile.py

verify: ## Proves that on hand is the sum of its movements, everywhere
	@bin/environment requirements.txt
	@$(SERVERS) $(PYTHON_IN) manage.py verify_ledger

demo-reset: ## The demo as on the first day; says what it deletes, and asks (YES=1: does not)
	@bin/environment requirements.txt
	@$(SERVERS) $(PYTHON_IN) manage.py demo_reset $(if $(filter 1,$(YES)),--yes)

lint: ## Mend what ruff can mend
	@bin/environment requirements-dev.txt
	@.venv/bin/ruff check --fix

format: ## Lay out the Python code
	@bin/environment requirements-dev.txt
	@.venv/bin/ruff format

messages: ## Every text into locale/, and compiled; says what is not translated yet
	@bin/environment requirements-dev.txt
	@.venv/bin/python -m bin.messages $(ARGS)

requirements: ## Pin pyproject.toml's dependencies anew, with hashes
	@bin/environment requirements-dev.txt
	@export UV_CUSTOM_COMPILE_COMMAND="make requirements"; \
	compile=".venv/bin/uv pip compile --quiet --universal --generate-hashes"; \
	echo uv | $$compile --no-annotate - -o requirements-uv.txt && \
	$$compile pyproject.toml -o requirements.txt && \
	$$compile pyproject.toml --group dev -o requirements-dev.txt

clean: ## The environment and caches away; data stays in var/
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
