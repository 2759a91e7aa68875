# One door, the same for people and for CI. Needs: make, Python 3.11+ with venv and pip.
.DEFAULT_GOAL := help
PY := .venv/bin/python
SETUP := chargenet/embedded/virtual_env.py
ARGS ?=

.PHONY: help
help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: python3
python3:
	@command -v python3 >/dev/null || { echo "error: ChargeNet needs Python 3.11 or newer. Install it: apt install python3 python3-venv" >&2; exit 2; }

.PHONY: venv
venv: python3 ## make .venv with what runs the product
	@python3 -I $(SETUP) requirements.txt
	@$(PY) -m chargenet.embedded.messages

.PHONY: venv-dev
venv-dev: python3
	@python3 -I $(SETUP) requirements.txt requirements-dev.txt
	@$(PY) -m chargenet.embedded.messages

.PHONY: run
run: venv ## the whole demo: engines, web, gateway, workers, simulated chargers
	@exec $(PY) -m chargenet.embedded.demo

.PHONY: test
test: check ## the whole proof: check, then every test
	$(PY) -m pytest $(ARGS)

.PHONY: check
check: venv-dev ## the static half: format, lint, types, floors, migrations
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

.PHONY: fmt
fmt: venv-dev ## put the code in shape
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

.PHONY: simulate
simulate: venv ## connect more stations to a running demo, which misbehave on purpose
	@exec $(PY) -m chargenet.embedded.more_stations

.PHONY: bench
bench: venv-dev ## measure; prints ratios
	$(PY) -m pytest tests/bench -o 'norecursedirs=.* var' -s $(ARGS)

SEEDS ?= 0-7
DAYS ?= 60
.PHONY: bench-faults
bench-faults: venv-dev ## how many faults are found, how late, and what is told for nothing
	$(PY) -m tests.bench.faults --seeds $(SEEDS) --days $(DAYS) --kinds $(ARGS)

.PHONY: chaos
chaos: venv-dev ## hurt the gateway on purpose, for long; prints what came of it
	CHARGENET_LONG=1 $(PY) -m pytest tests/chaos tests/hostile $(ARGS)

.PHONY: nightly
nightly: check ## every test in its long form
	CHARGENET_LONG=1 $(PY) -m pytest $(ARGS)

.PHONY: docs
docs: venv-dev ## write the parts of docs/ that come from the code
	$(PY) manage.py spectacular --file docs/openapi.yaml
	$(PY) -m tests.conformance.catalogue
	$(PY) -m tests.vectors.tariffs.conformance
	$(PY) manage.py list_faults > docs/faults.md
