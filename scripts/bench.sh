#!/usr/bin/env bash
# What `make bench` runs: the benches, then criterion's times beside those of the baseline BASE, if there is one; fails where
# one has become slower than the machine's noise explains. The first run, and one with KEEP=1, is the next baseline.
# BENCHES: which (default: all but the counts). BASE: its name (default: base). THRESHOLD: percent (default below). Arguments
# go to the benches.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# Two runs of the same commit differ by as much (benches/README.md).
: "${THRESHOLD:=30}"
base="${BASE:-base}"
target="${CARGO_TARGET_DIR:-target}"
kept="$target/bench-baselines/$base.json"
features=()
[ -z "${FEATURES:-}" ] || features=(--features "blockmill-pipeline/$FEATURES")

scripts/cargo_tools.sh critcmp
critcmp="$BLOCKMILL_CACHE/critcmp-$CRITCMP_VERSION/bin/critcmp"

# All but the instruction counts, which need another tool and are compared by scripts/bench_compare.sh.
benches=()
for name in ${BENCHES:-$(awk '/^\[\[bench\]\]/ { bench = 1 } bench && /^name/ { gsub(/"/, "", $3); print $3; bench = 0 }' benches/Cargo.toml)}; do
    [ "$name" = instructions ] || benches+=(--bench "$name")
done

# What is left of earlier runs is not to be taken for this one's.
find "$target/criterion" -type d -name now -prune -exec rm -rf {} + 2>/dev/null || true
cargo bench --locked --workspace "${benches[@]}" "${features[@]}" -- --save-baseline=now "$@"
now="$target/bench-baselines/now.json"
mkdir -p "$target/bench-baselines"
"$critcmp" --target-dir "$target" --export now >"$now" 2>/dev/null || { echo "bench: criterion measured nothing"; exit 0; }

if [ ! -e "$kept" ] || [ -n "${KEEP:-}" ]; then
    # critcmp names a baseline by its file's content.
    sed 's/"now"/"'"$base"'"/g' "$now" >"$kept"
    echo "bench: kept as $kept; later runs are compared with it"
    exit 0
fi
scripts/bench_table.sh "$critcmp" "$kept" "$now" "$THRESHOLD"
