#!/usr/bin/env bash
# What `make crosscheck` runs: fetches another client, and has it execute practice chains; wrong roots planted in copies
# have to be refused by it and by us.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

scripts/crosscheck_setup.sh
[ -d "$BLOCKMILL_ETHEREUMJS" ] || exit 0
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --cargo-profile release --workspace --locked -E 'test(crosscheck::)'
else
    cargo test --release --workspace --locked --test pipeline crosscheck::
fi
