# One entry point for people and for CI. `make` alone lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build test check crosscheck torture fuzz contracts rebuild bench bench-compare clean-data

# What a recipe can be given, as in `make rebuild CHAIN=genesis.json SOURCE=chain.rlp`.
CHAIN ?=
GENESIS ?=
SOURCE ?=
DATA ?=
OUT ?=
ARGS ?=
FEATURES ?=
# The chain to practise on that `make rebuild` makes when it is given none.
BLOCKS ?=
SEED ?=
# Chains, from SEED on, that `make crosscheck` draws for the executable specification.
CHAINS ?=
# Commits that `make bench-compare` compares.
OLD ?=
NEW ?=
export CHAIN GENESIS SOURCE DATA OUT ARGS FEATURES BLOCKS SEED CHAINS

ENV := . scripts/env.sh
CARGO_FEATURES := $(if $(FEATURES),--features blockmill-pipeline/$(FEATURES))

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  make rebuild [BLOCKS=4000] [SEED=1] makes a chain to practise on, rebuilds it into data, verifies and reports"
	@echo "  make rebuild CHAIN=mainnet SOURCE=./era [GENESIS=mainnet.json.gz] [DATA=data] [OUT=FILE.duckdb] [ARGS='--range :100k']"
	@echo "  FEATURES=bundled compiles DuckDB instead of linking its prebuilt library (half an hour and more)"

setup: ## fetch what cargo cannot: libclang and libduckdb, into ~/.cache/blockmill
	@scripts/setup.sh

build: setup ## build target/release/blockmill
	@$(ENV); cargo build --release --locked --bin blockmill $(CARGO_FEATURES)

test: setup ## everything CI checks: format, clippy, tests, doc tests
	@scripts/test.sh

check: setup ## format and clippy only
	@$(ENV); cargo fmt --all --check; cargo fmt --manifest-path stages/practice/fuzz/Cargo.toml --check
	@$(ENV); cargo clippy --release --workspace --all-targets --locked $(CARGO_FEATURES) -- -D warnings
	@$(ENV); cargo clippy --release --locked --manifest-path stages/practice/fuzz/Cargo.toml --target-dir "$${CARGO_TARGET_DIR:-target}" -- -D warnings

crosscheck: setup ## let another client and the executable specification execute chains (CHAINS, SEED, ARGS); part of test
	@scripts/crosscheck.sh

torture: setup ## kill and damage what make test only samples: every durable step, 200 kills, hundreds of flipped bits
	@$(ENV); BLOCKMILL_TORTURE=1 cargo nextest run --profile torture --cargo-profile release --locked \
		--package blockmill-pipeline --test pipeline -E 'test(crash_points) + test(bit_flips) + test(kills_at_random)' --no-capture

fuzz: setup ## fuzz every kind of input file with cargo-fuzz, guided by coverage, five minutes each (ARGS: another number of seconds)
	@scripts/fuzz.sh $(or $(ARGS),300)

contracts: ## compile the contracts of practice chains anew, with solc from npm
	@scripts/contracts.sh

rebuild: ## rebuild a chain (CHAIN, GENESIS, SOURCE, DATA, OUT, ARGS), or a chain to practise on if nothing is given
	@scripts/rebuild.sh

bench: setup ## run the benches and compare with the run that was kept (KEEP=1 keeps this one); ARGS go to criterion
	@scripts/bench.sh $(ARGS)

bench-compare: ## compare the instructions that commits OLD and NEW (HEAD) take, counted with valgrind
	@scripts/bench_compare.sh $(OLD) $(NEW)

clean-data: ## remove data, all of it
	rm -rf data
