#!/usr/bin/env bash
# What `make rebuild` runs: builds blockmill, and puts CHAIN, GENESIS, SOURCE, DATA, OUT and ARGS on its command line.
# With neither CHAIN nor SOURCE it makes a chain to practise on (BLOCKS blocks, from SEED), rebuilds it, checks every
# root and every table, and shows what is in them. DATA is the data directory of both, so that `blockmill status` and the
# others find the database by themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

blockmill="${CARGO_TARGET_DIR:-target}/release/blockmill"
data="${DATA:-data}"
out=()
[ -z "${OUT:-}" ] || out=(--out "$OUT")

say() { echo "rebuild: $*" >&2; }

# Runs a command that people may want to run again by themselves.
run() {
    echo >&2
    echo "\$ $*" >&2
    "$@"
}

# The user's chain.
rebuild() {
    local source command=("$blockmill" rebuild --data-dir "$data" "${out[@]}")
    [ -z "${CHAIN:-}" ] || command+=(--chain "$CHAIN")
    [ -z "${GENESIS:-}" ] || command+=(--genesis "$GENESIS")
    for source in ${SOURCE:-}; do command+=(--source "$source"); done
    # ARGS holds several words.
    # shellcheck disable=SC2206
    command+=(${ARGS:-})
    run "${command[@]}"
}

# A chain to practise on. One that is there is taken as it is.
practise() {
    local chain="$data/devchain"
    if ! [ -e "$chain/chain.rlp" ]; then
        run "$blockmill" devchain --out "$chain" --blocks "${BLOCKS:-4000}" --seed "${SEED:-1}"
    else
        say "$chain is there already and is taken as it is: for another chain give another DATA, or remove $data first"
    fi
    CHAIN="$chain/genesis.json" SOURCE="$chain/chain.rlp" GENESIS="" ARGS="${ARGS:---root-interval 1}"
    rebuild
    run "$blockmill" derive --chain "$CHAIN" --data-dir "$data" "${out[@]}"
    run "$blockmill" verify --data-dir "$data" "${out[@]}"
    run "$blockmill" report --data-dir "$data" "${out[@]}"
}

"${MAKE:-make}" --no-print-directory build
if [ -z "${CHAIN:-}${SOURCE:-}" ]; then
    practise
else
    rebuild
fi
