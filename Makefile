# All that a developer of wayfare runs. `make help` lists it.
#
# `make demo` and `make test` set up what they need: Rust's cargo, Python 3.10 or later with venv, Node 20 or later and make
# must be there, the rest is fetched and built into .venv, the node_modules and target. A second call builds only what has
# changed since. The example backend is tested against PostgreSQL too if it is installed, and on SQLite, which takes a C++
# compiler where it is not offered built.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
STAMPS := .venv/stamps
CDNOW := target/demo/lifetimes/datasets/CDNOW_master.txt
ECOM := target/demo/retentioneering/datasets/ecom.csv.gz
FUZZ_SECONDS ?= 10
CUSTOMERS ?= 10000

# One profile and one target for the tests, the wheel and the Node addon, so that cargo compiles what they share once.
PROFILE := binding
export CARGO_BUILD_TARGET := $(shell rustc -vV | sed -n 's/^host: //p')
export PATH := $(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/.venv
export PIP_DISABLE_PIP_VERSION_CHECK := 1
cargo_profile := --profile $(PROFILE) --locked

rust_sources := Cargo.toml Cargo.lock $(shell find core -type f -not -path '*/target/*')
python_sources := $(shell find bindings-python -type f -not -path '*/.*' -not -path '*/__pycache__/*' -not -path '*/tests/*')
node_sources := $(wildcard bindings-node/src/*.rs bindings-node/build.rs bindings-node/Cargo.toml bindings-node/package.json)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

## ---- set-up ----------------------------------------------------------------------------------------------------------

.PHONY: setup python node
setup: python node ## fetch the tools, build the Python package and the Node addon
python: $(STAMPS)/package
node: $(STAMPS)/addon

$(STAMPS)/tools: bindings-python/requirements-dev.txt
	@echo "==> Python: making .venv and installing the pinned tools (a minute)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or later is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 10) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --requirement bindings-python/requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/package: $(STAMPS)/tools $(rust_sources) $(python_sources)
	@echo "==> Python: building the wheel and installing it into .venv (the first time some minutes)"
	@rm -rf target/wheels
	@$(BIN)/maturin build $(cargo_profile) --manifest-path bindings-python/Cargo.toml --interpreter $(BIN)/python --out target/wheels
	@$(BIN)/python -m pip install --quiet --force-reinstall --no-deps target/wheels/*.whl
	@$(BIN)/python -m pip check
	@touch $@

$(STAMPS)/node-modules: $(wildcard bindings-node/package.json bindings-node/package-lock.json) | $(STAMPS)/tools
	@echo "==> Node: installing the pinned tools (npm ci)"
	@node -e 'const v = process.versions.node; if (parseInt(v) < 20) { console.error("Node 20 or later is needed, this is " + v); process.exit(1) }'
	@cd bindings-node && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/addon: $(STAMPS)/node-modules $(rust_sources) $(node_sources)
	@echo "==> Node: building the addon and its declarations (the first time some minutes)"
	@cd bindings-node && npm run --silent build -- --profile $(PROFILE) -- --locked
	@touch $@

BACKEND := bindings-node/examples/backend
$(STAMPS)/backend: $(BACKEND)/package.json $(BACKEND)/package-lock.json | $(STAMPS)/node-modules
	@echo "==> Node: installing what the example backend needs (npm ci; where SQLite is not offered built, it is compiled, some minutes)"
	@cd $(BACKEND) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CDNOW): | $(STAMPS)/tools
	@echo "==> Data: fetching the CDNOW purchase log (it ships in the Python package lifetimes 0.11.3)"
	@$(BIN)/python -m pip install --quiet --no-deps --upgrade --target target/demo lifetimes==0.11.3
	@touch $@

$(ECOM): | $(STAMPS)/tools
	@echo "==> Data: fetching the clickstream of a shop (it ships in the Python package retentioneering 5.2.4)"
	@$(BIN)/python -m pip install --quiet --no-deps --upgrade --target target/demo retentioneering==5.2.4
	@touch $@

## ---- what it is for --------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup $(CDNOW) $(ECOM) ## the customers of two real shops through their journeys, in Python, Node and Rust
	@echo "==> Demo: building the Rust side"
	@cargo build $(cargo_profile) --quiet --workspace --all-features --example demo
	@echo "==> Demo: the CDNOW customers through tests/demo/cdnow.yaml"
	@$(BIN)/python tests/demo/demo.py $(CDNOW) --rust target/$(CARGO_BUILD_TARGET)/$(PROFILE)/examples/demo
	@echo "==> Demo: the shop's visitors through tests/demo/ecom.yaml, and what led to their purchases"
	@$(BIN)/python tests/demo/ecom.py $(ECOM)

.PHONY: pictures
pictures: python $(CDNOW) ## draw the pictures of the lifetime pages again
	@echo "==> Pictures: of the lifetime models, into docs/src/lifetime/pictures"
	@$(BIN)/python tests/pictures/lifetime.py $(dir $(CDNOW)) docs/src/lifetime/pictures

## ---- tests -----------------------------------------------------------------------------------------------------------

.PHONY: test test-rust test-docs test-python test-node
test: test-rust test-docs test-python test-node ## every test, in Rust, Python and Node

test-rust: $(STAMPS)/tools $(CDNOW)
	@echo "==> Rust: unit tests, properties and vectors (cargo nextest)"
	@cargo nextest run --cargo-profile $(PROFILE) --locked --workspace --all-features

test-docs: $(STAMPS)/tools
	@echo "==> Rust: the examples in the documentation (cargo test --doc)"
	@cargo test $(cargo_profile) --workspace --all-features --doc

test-python: $(STAMPS)/package $(CDNOW)
	@echo "==> Python: pytest"
	@cd bindings-python && $(BIN)/python -m pytest

test-node: $(STAMPS)/addon $(STAMPS)/backend $(CDNOW)
	@echo "==> Node: node --test"
	@cd bindings-node && node --test --test-reporter=spec test/*.test.mjs examples/backend/test/*.test.mjs

.PHONY: simulate
simulate: $(STAMPS)/tools ## CUSTOMERS (10,000) customers through two years of decisions: nothing sent breaks a word or a cap
	@echo "==> Simulator: $(CUSTOMERS) customers through two years"
	@WAYFARE_CUSTOMERS=$(CUSTOMERS) cargo nextest run --cargo-profile $(PROFILE) --locked --workspace --all-features --test simulator --no-capture

.PHONY: fuzz
fuzz: $(STAMPS)/tools ## each fuzz target for FUZZ_SECONDS (10) seconds
	@echo "==> Fuzz: building the targets"
	@cd tests && cargo fuzz build --sanitizer none
	@cd tests && for target in $$(cargo fuzz list); do \
		echo "==> Fuzz: $$target for $(FUZZ_SECONDS) s"; \
		seeds=fuzz/seeds/$$target; test -d "$$seeds" || seeds=; \
		mkdir -p fuzz/corpus/$$target; \
		cargo fuzz run --sanitizer none "$$target" fuzz/corpus/$$target $$seeds -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1; \
	done

## ---- checks ----------------------------------------------------------------------------------------------------------

.PHONY: lint lint-rust lint-python lint-node
lint: lint-rust lint-python lint-node ## formatting, lints, documentation, types, licences

lint-rust: $(STAMPS)/tools
	@echo "==> Rust: formatting (rustfmt)"
	@cargo fmt --all --check
	@echo "==> Rust: lints (clippy)"
	@cargo clippy $(cargo_profile) --workspace --all-targets --all-features -- -D warnings
	@echo "==> Rust: documentation (rustdoc)"
	@RUSTDOCFLAGS='-D warnings' cargo doc $(cargo_profile) --package wayfare --all-features --no-deps
	@echo "==> Rust: licences and sources of the dependencies (cargo deny)"
	@cargo deny --log-level error check licenses bans sources

lint-python: $(STAMPS)/package
	@echo "==> Python: lints and formatting (ruff)"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "==> Python: types (mypy), and the stubs against the module (stubtest)"
	@cd bindings-python && $(BIN)/mypy --strict python/wayfare
	@cd bindings-python && $(BIN)/python -m mypy.stubtest wayfare

lint-node: $(STAMPS)/addon
	@echo "==> Node: types (tsc)"
	@cd bindings-node && npm run --silent types

.PHONY: format
format: $(STAMPS)/tools ## format Rust and Python
	@cargo fmt --all
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

## ---- the rest --------------------------------------------------------------------------------------------------------

BENCH := target/bench-venv
.PHONY: bench
bench: $(STAMPS)/tools $(STAMPS)/addon ## speed beside polars, duckdb and rule engines, growth, and in Rust the benches online, decide and decide_table (half an hour)
	@echo "==> Bench: building the optimized wheel beside the peers in $(BENCH)"
	@test -d $(BENCH) || $(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --requirement tests/bench/requirements.txt
	@rm -rf target/bench-wheels
	@$(BIN)/maturin build --release --locked --manifest-path bindings-python/Cargo.toml --interpreter $(BIN)/python --out target/bench-wheels
	@$(BENCH)/bin/python -m pip install --quiet --force-reinstall --no-deps target/bench-wheels/*.whl
	@echo "==> Bench: five traits by wayfare, polars and duckdb, string keys"
	@$(BENCH)/bin/python tests/bench/run_vs_peers.py --keys string
	@echo "==> Bench: the same, int keys"
	@$(BENCH)/bin/python tests/bench/run_vs_peers.py --keys int
	@echo "==> Bench: growth with touchpoints, stages and tracks"
	@$(BENCH)/bin/python tests/bench/run_growth.py
	@echo "==> Bench: a decision beside rule engines, in Python and in Node"
	@$(BENCH)/bin/python tests/bench/decide_peers.py
	@echo "==> Bench: lifetime models beside lifetimes and duckdb"
	@$(BENCH)/bin/python tests/bench/lifetime_peers.py
	@echo "==> Bench: attribution beside ChannelAttribution and numpy"
	@$(BENCH)/bin/python tests/bench/attribution_peers.py
	@echo "==> Bench: paths and transitions beside chdb, duckdb and polars, and windowed funnels beside chdb"
	@$(BENCH)/bin/python tests/bench/paths_peers.py
	@$(BENCH)/bin/python tests/bench/funnel_peers.py
	@echo "==> Bench: persons beside scipy"
	@$(BENCH)/bin/python tests/bench/identity_peers.py
	@npm --prefix tests/bench/peers install --no-audit --no-fund --no-package-lock --loglevel=error
	@node tests/bench/decide_peers.mjs
	@echo "==> Bench: in Rust the online path (online), a decision (decide), and a decision for everybody of a table (decide_table)"
	@cargo bench --locked --package wayfare-tests

.PHONY: docs
docs: $(STAMPS)/tools ## the book, into docs/book
	@echo "==> Docs: building the book (mdbook)"
	@$(BIN)/mdbook build docs

.PHONY: clean
clean: ## remove what was built and fetched
	@echo "==> Removing .venv, target, docs/book, and what the bindings and the fuzz targets built"
	@rm -rf .venv target docs/book bindings-node/node_modules bindings-node/*.node $(BACKEND)/node_modules tests/fuzz/target tests/fuzz/corpus tests/fuzz/artifacts
