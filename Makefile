# Every chore of the project; `make help` lists them. All that they install lands in .venv and .local.
PYTHON ?= python3
PORT ?= 4566
SECONDS ?= 20
ENV ?= default
EXAMPLES ?= 300
SEED ?= 1

VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ifeq ($(filter 3.11 3.12 3.13 3.14,$(VERSION)),)
$(error Python 3.11 to 3.14 is needed, and $(PYTHON) is $(or $(VERSION),not there): choose another, as in make PYTHON=python3.13)
endif

# A stamp carries the version of Python: with another one, the virtual environments are built anew.
TOOLS := .venv/made-with-$(VERSION)
PROJECT := .venv/project-$(VERSION)
SAM := .local/sam-venv/made-with-$(VERSION)
MINISTACK := .local/ministack-venv/made-with-$(VERSION)
CHECKOV := .local/checkov-venv/made-with-$(VERSION)
PIP := -m pip --disable-pip-version-check install --quiet --no-deps

# Each lock file serves every Python and system that we support. ARGS=--upgrade takes the newest of what is not pinned.
UV := .local/uv-venv/made-with-$(VERSION)
compile := .local/uv-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock" $(ARGS)

export SAM_CLI_TELEMETRY := 0
sam := .local/sam-venv/bin/sam
# The region is for checking the template only: sam deploy asks your AWS configuration.
validate := AWS_DEFAULT_REGION=us-east-1 $(sam) validate --lint

# On the Python of the deployed runtime. Packages and tests are taken from here, as they are.
BENCH_PYTHON ?= python3.13
BENCH := .local/bench-venv/made

running := test -f .local/stack.env || { echo "No local stack is running: start one with make run"; exit 1; }; . .local/stack.env;

.DEFAULT_GOAL := help
.PHONY: help setup venvs run test fuzz check audit mutate bench format openapi build deploy deploy-local load start-api logs token lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install everything into .venv and .local (the other targets do it when needed)
	@$(MAKE) --no-print-directory -j3 venvs

venvs: $(PROJECT) $(SAM) $(MINISTACK)
	@:

run: setup ## Serve the API on this machine with demo calls, until Ctrl-C (PORT=4566)
	@exec .venv/bin/python -m local run --port $(PORT)

test: check ## Check the code and run all tests
	.venv/bin/pytest

fuzz: setup ## Send the local stack many requests that nobody would think of (EXAMPLES=300 for each operation; SEED=1)
	FUZZ_EXAMPLES=$(EXAMPLES) FUZZ_SEED=$(SEED) .venv/bin/pytest -s tests/e2e/test_fuzzing.py

check: setup ## Check format, style, types and the template
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	@echo "$(sam) validate --lint"
	@$(validate)

audit: setup $(CHECKOV) ## Hold the template against checkov's rules, too (.checkov.yaml has a reason for each that is left out)
	.local/checkov-venv/bin/checkov --config-file .checkov.yaml

# mutmut understands a package in src/ alone, and mutates copies: so all of it happens in a folder of its own.
mutate: setup ## Change the most important rules in every small way, and see whether a test notices (15 minutes)
	rm -rf .local/mutate
	mkdir -p .local/mutate/src
	cp -r layers/pivot_debug/pivot_debug .local/mutate/src
	cp -r cli docs events feeds functions local openapi tests README.md pyproject.toml template.yaml .local/mutate
	cd .local/mutate && ../../.venv/bin/mutmut run
	cd .local/mutate && ../../.venv/bin/mutmut results

bench: setup $(BENCH) ## Measure speed, cost and growth; writes benchmarks/results.md (ARGS="cold --rounds 5" for some of it)
	PYTHONPATH=.:layers/pivot_debug .local/bench-venv/bin/python -m benchmarks $(ARGS)
	PYTHONPATH=.:layers/pivot_debug .local/bench-venv/bin/python -m benchmarks.cost > docs/cost.md

format: setup ## Format the code and mend what can be mended
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

openapi: setup ## Renew docs/openapi.json, the description of the API that is made from the code
	.venv/bin/python -m openapi > .local/openapi.json
	mv .local/openapi.json docs/openapi.json

build: setup ## Build for AWS (needs the Python of the deployed runtime on the PATH)
	$(sam) build --config-env $(ENV)

deploy: build ## Deploy to AWS (ENV=default or prod; ARGS=--guided asks for every setting)
	$(sam) deploy --config-env $(ENV) $(ARGS)

deploy-local: setup ## Bring the running local stack up to date after an edit
	@.venv/bin/python -m local deploy

load: setup ## Put a local stack of its own under load and show what it held (SECONDS=20)
	@exec .venv/bin/python -m local load --seconds $(SECONDS)

start-api: setup ## Serve the running local stack's API by sam local start-api, too, on port 3000 (needs Docker)
	@exec .venv/bin/python -m local start-api

logs: setup ## Follow the logs of the running local stack
	@$(running) exec $(sam) logs --stack-name "$$PIVOT_DEBUG_STACK" --tail --start-time "10s ago"

token: setup ## Create a token for the demo account of the running local stack
	@$(running) exec .venv/bin/pivot-debug token create "$$ACCOUNT_ID" --scopes debug:read,debug:write

lock: $(UV) ## Renew the lock files in requirements/ from pyproject.toml and requirements/*.in
	$(compile) layers/pivot_debug/requirements.txt --group dev --output-file requirements/dev.txt
	$(compile) layers/pivot_debug/requirements.txt --group bench --output-file requirements/bench.txt
	$(compile) requirements/sam.in --output-file requirements/sam.txt
	$(compile) requirements/ministack.in --output-file requirements/ministack.txt
	$(compile) requirements/checkov.in --output-file requirements/checkov.txt

clean: ## Remove everything that was installed, built or cached
	rm -rf .venv .local .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PROJECT): pyproject.toml layers/pivot_debug/requirements.txt $(TOOLS)
	@.venv/bin/python $(PIP) --editable .
	@touch $@

$(TOOLS): requirements/dev.txt
	@echo "Installing the project and its tools into .venv (all installing takes two or three minutes, once)"
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python $(PIP) -r $<
	@touch $@

$(SAM): requirements/sam.txt
	@echo "Installing SAM into .local/sam-venv"
	@$(PYTHON) -m venv --clear .local/sam-venv
	@.local/sam-venv/bin/python $(PIP) -r $<
	@touch $@

$(MINISTACK): requirements/ministack.txt
	@echo "Installing ministack into .local/ministack-venv"
	@$(PYTHON) -m venv --clear .local/ministack-venv
	@.local/ministack-venv/bin/python $(PIP) -r $<
	@touch $@

$(BENCH): requirements/bench.txt
	@echo "Installing what the benchmarks need into .local/bench-venv"
	@$(BENCH_PYTHON) -m venv --clear .local/bench-venv
	@.local/bench-venv/bin/python $(PIP) -r $<
	@touch $@

$(CHECKOV): requirements/checkov.txt
	@echo "Installing checkov into .local/checkov-venv"
	@$(PYTHON) -m venv --clear .local/checkov-venv
	@.local/checkov-venv/bin/python $(PIP) -r $<
	@touch $@

$(UV):
	@$(PYTHON) -m venv --clear .local/uv-venv
	@.local/uv-venv/bin/python $(PIP) uv==0.13.9
	@touch $@
