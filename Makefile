# Two commands matter: `make run` starts the product, `make test` proves it. Both set up what they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= 2

.PHONY: run setup test lint format faults rasa rasa-train rasa-serve encoder bench lock clean help
.DEFAULT_GOAL := help

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: $(VENV)/.runtime ## set up, then start the sandbox city and the product
	@$(BIN)/python main.py serve

setup: $(VENV)/.runtime ## train the language model and ingest the seed knowledge
	@$(BIN)/python main.py setup

test: $(VENV)/.dev ## set up, then run all tests
	@$(BIN)/python main.py setup
	$(BIN)/python -m pytest -n $(WORKERS) -m "not faults and not rasa" tests
	@$(BIN)/python main.py rasa build || echo "!!! Rasa 的测试将被跳过（MIANBAN_REQUIRE_RASA=1 时算失败）"
	$(BIN)/python -m pytest -m rasa tests
	$(BIN)/python -m pytest -m faults tests

lint: $(VENV)/.dev ## style, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python main.py skills check

format: $(VENV)/.dev ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: $(VENV)/.dev ## kill it 2,000 times (KILLS=n for another number)
	@$(BIN)/python main.py setup
	$(BIN)/python -m pytest tests/faults --kills $(or $(KILLS),2000) --timeout 7200

rasa: rasa-train ## Rasa as the engine: build its Python 3.10 environment, train it if need be, serve it on loopback
	@$(BIN)/python main.py rasa serve

rasa-train: $(VENV)/.runtime ## build Rasa's environment and train it (PYTHON310=path, EPOCHS=20), about 50 minutes on two cores
	@$(BIN)/python main.py rasa build
	@$(BIN)/python main.py rasa train $(if $(EPOCHS),--epochs $(EPOCHS))

rasa-serve: $(VENV)/.runtime ## serve the Rasa model that was trained last, where nlu.rasa.url says
	@$(BIN)/python main.py rasa serve

encoder: $(VENV)/.encoder ## install what nlu.encoder in config.yaml needs: torch and sentence-transformers (about 1 GB)

bench: $(VENV)/.dev ## measure turns a second, beside Rasa if it was trained (about ten minutes)
	@$(BIN)/python main.py setup
	$(BIN)/python -m bench.load

lock: $(VENV)/.dev ## renew the pinned versions from pyproject.toml
	$(PIP) pip-tools
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --extra dev --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## remove everything that was made, conversations included
	rm -rf $(VENV) .venv-rasa var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "绵办需要 Python 3.11；请用 make PYTHON=python3.11 指定")'
	@echo "建立环境 …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "安装依赖 …（第一次约一分钟）"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "安装依赖和开发工具 …（第一次约两分钟）"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

$(VENV)/.encoder: requirements-encoder.txt | $(VENV)/.runtime
	@echo "安装编码器的运行库 …（约两分钟）"
	@$(PIP) -r requirements-encoder.txt
	@touch $@
