# `make run` and `make test` set up everything they need in .venv, and nothing outside.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Settings and the demo of `make run` stay in the checkout.
HERE := XDG_CONFIG_HOME=$(CURDIR)/build/home XDG_DATA_HOME=$(CURDIR)/build/home

.PHONY: run test test-all lint format tour bench docs build package clean

run: $(READY)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY$$QT_QPA_PLATFORM" ] || [ "$$(uname)" = Darwin ]; then \
		$(HERE) $(BIN)/python -m gui --demo; \
	else \
		echo "No display here: taking the tour instead."; \
		$(BIN)/python -m gui --tour build/tour; \
	fi

test: $(READY) lint
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

# What is built is built in one folder, and so by one process, at the end.
test-all: $(READY) lint
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "slow or not slow" --timeout=1800 \
		--numprocesses auto --ignore tests/packaging/test_built.py
	$(BIN)/python -m pytest -m slow --timeout=1800 tests/packaging/test_built.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

tour: $(READY)
	$(BIN)/python -m gui --tour build/tour
	mkdir -p docs/pictures
	for name in welcome inspect compare review restore; do \
		cp build/tour/$$name-light.png docs/pictures/; \
	done

# `make bench ARGS="--quick"` takes minutes instead of half an hour.
bench: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[bench]"
	$(BIN)/python benchmarks/engine.py --out docs/benchmarks/engine.md $(ARGS)

build: $(READY)
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

# What people install, in dist/; `make package STEP=bundle` and the like take one step of it.
STEP ?= all
package:
	$(PYTHON) packaging/build.py $(STEP)

clean:
	rm -rf .venv build dist

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[gui,dev]"
	touch $(READY)
