#!/usr/bin/env bash
# What `make crosscheck` runs. Another client executes practice chains, and refuses as we do the wrong roots planted in copies;
# and Ethereum's executable specification executes random chains (CHAINS of them, from SEED on; ARGS are its own), of which
# our tables have to say the same (scripts/python/second_opinion/README.md).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

scripts/crosscheck_setup.sh
if ! [ -d "$BLOCKMILL_ETHEREUMJS" ]; then
    :
elif cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --cargo-profile release --workspace --locked -E 'test(crosscheck::)'
else
    cargo test --release --workspace --locked --test pipeline crosscheck::
fi

cargo build --release --locked --bin blockmill
# shellcheck disable=SC2086  ARGS are words.
scripts/second_opinion.sh --self-check ${CHAINS:+--chains "$CHAINS"} ${SEED:+--seed "$SEED"} ${ARGS:-}
