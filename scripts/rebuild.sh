#!/usr/bin/env bash
# What `make rebuild` runs: builds blockmill, and puts CHAIN, GENESIS, SOURCE, DATA, OUT and ARGS on its command line.
# With neither CHAIN nor SOURCE it takes the small chain of the public vectors that crosses every fork.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

if [ -z "${CHAIN:-}${SOURCE:-}" ]; then
    chain="${BLOCKMILL_VECTORS:-../shared/data}/chains/execution-apis"
    if ! [ -e "$chain/genesis.json" ] || ! [ -e "$chain/chain.rlp" ]; then
        echo "rebuild: nothing to rebuild: give CHAIN=NAME|genesis.json and SOURCE=FILE|FOLDER, or get the public vectors with scripts/fetch_vectors.sh DIR and set BLOCKMILL_VECTORS=DIR" >&2
        exit 2
    fi
    CHAIN="$chain/genesis.json" SOURCE="$chain/chain.rlp"
    # A folder of its own: a data directory belongs to one chain.
    DATA="${DATA:-data/execution-apis}" ARGS="${ARGS:---root-interval 1}"
fi

"${MAKE:-make}" --no-print-directory build

command=("${CARGO_TARGET_DIR:-target}/release/blockmill" rebuild --data-dir "${DATA:-data}")
[ -z "${CHAIN:-}" ] || command+=(--chain "$CHAIN")
[ -z "${GENESIS:-}" ] || command+=(--genesis "$GENESIS")
for source in ${SOURCE:-}; do command+=(--source "$source"); done
[ -z "${OUT:-}" ] || command+=(--out "$OUT")
# ARGS holds several words.
# shellcheck disable=SC2206
command+=(${ARGS:-})
echo "${command[*]}" >&2
exec "${command[@]}"
