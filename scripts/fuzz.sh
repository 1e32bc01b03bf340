#!/usr/bin/env bash
# Fuzzes every reader of input files (stages/practice/fuzz) with cargo-fuzz, guided by coverage, for so many seconds each. Whatever
# is found worth keeping stays in the cache folder for the next time; a file that breaks something is named and kept.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

seconds="${1:?usage: scripts/fuzz.sh SECONDS}"
corpus="$BLOCKMILL_CACHE/fuzz-corpus"
found="$BLOCKMILL_CACHE/fuzz-found"
# No file of some kilobytes needs more; single allocations are bounded further in stages/practice/fuzz/src/lib.rs.
RSS_MIB=512

skip() { echo "SKIPPED coverage-guided fuzzing: $*"; exit 0; }

scripts/cargo_tools.sh cargo-fuzz || skip "cargo-fuzz could not be installed"
PATH="$BLOCKMILL_CACHE/cargo-fuzz-$CARGO_FUZZ_VERSION/bin:$PATH"
targets=$(cargo fuzz list --fuzz-dir stages/practice/fuzz)

scratch=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/blockmill-fuzz.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# What the targets start from: small good files, and a chain of ours. All of the workspace is named, as `make test` does: a part
# of it would be compiled with other features.
BLOCKMILL_SEEDS="$corpus" cargo test --release --locked --quiet --workspace --lib --test spill \
    write_seeds -- --ignored >/dev/null
cargo run --release --locked --quiet --bin blockmill -- devchain --out "$scratch/chain" --blocks 3 \
    --log plain >/dev/null
cp "$scratch/chain/chain.rlp" "$corpus/rlp/seed-devchain"
gzip -c "$scratch/chain/chain.rlp" >"$corpus/rlp_gz/seed-devchain"
cp "$scratch/chain/genesis.json" "$corpus/genesis/seed-devchain"

# The compiler that everything else is built with can do without a sanitizer: there is no unsafe code to watch.
fuzz() { cargo fuzz "$1" --fuzz-dir stages/practice/fuzz --target-dir "${CARGO_TARGET_DIR:-target}/fuzz" --sanitizer none "${@:2}"; }
fuzz build 2>&1 | tail -n 1

for target in $targets; do
    mkdir -p "$corpus/$target" "$found/$target"
    log="$scratch/$target.log"
    if ! TMPDIR="$scratch" fuzz run "$target" "$corpus/$target" -- -max_total_time="$seconds" -rss_limit_mb=$RSS_MIB -timeout=10 \
        -max_len=65536 -artifact_prefix="$found/$target/" -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "fuzz: $target FAILED; the file that did it is in $found/$target"
        exit 1
    fi
    # As in "#12345 DONE cov: 1234 ft: 5678 corp: 90/12Kb …".
    awk -v target="$target" '/DONE/ { cov = $4; corp = $8 } /number_of_executed_units/ { runs = $2 }
        END { printf "fuzz: %-11s %9d files, coverage %d, corpus %s: nothing found\n", target, runs, cov, corp }' "$log"
done
