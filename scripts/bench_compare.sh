#!/usr/bin/env bash
# bench_compare.sh OLD [NEW]: whether pure code of commit NEW (default: HEAD) takes more instructions than that of OLD.
# Builds one after the other in a clone in the cache folder, counts with callgrind, prints a table, and fails where one of the
# counts has grown by more than THRESHOLD percent (default below). TIMES=1: criterion's times too, as `make bench` compares
# them (TIMES_THRESHOLD).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# More than commits differ by that do not touch what is counted (benches/README.md).
: "${THRESHOLD:=2}"
[ $# -ge 1 ] || { echo "usage: scripts/bench_compare.sh OLD [NEW]" >&2; exit 2; }
commit() { git rev-parse --verify --quiet "$1^{commit}" || { echo "bench_compare: no such commit: $1" >&2; exit 2; }; }
old=$(commit "$1")
new=$(commit "${2:-HEAD}")

command -v valgrind >/dev/null 2>&1 || {
    echo "SKIPPED the instruction counts: valgrind is missing (Debian: apt-get install valgrind)"
    exit 0
}
tools=(gungraun-runner)
[ -z "${TIMES:-}" ] || tools+=(critcmp)
scripts/setup.sh
scripts/cargo_tools.sh "${tools[@]}"
export GUNGRAUN_RUNNER="$BLOCKMILL_CACHE/gungraun-runner-$GUNGRAUN_VERSION/bin/gungraun-runner"
export GUNGRAUN_HOME="$BLOCKMILL_CACHE/bench/counts"
# Vectors are looked for beside the workspace; the clone lies elsewhere.
export BLOCKMILL_VECTORS="${BLOCKMILL_VECTORS:-$PWD/../shared/data}"
# Its own folder: cargo takes what another clone built last for its own.
export CARGO_TARGET_DIR="$BLOCKMILL_CACHE/bench/target"

# One clone for both: paths are part of a binary, and the engines are compiled once.
clone="$BLOCKMILL_CACHE/bench/clone"
[ -d "$clone/.git" ] || git clone --quiet --no-checkout . "$clone"
checkout() { # COMMIT
    git -C "$clone" fetch --quiet "$PWD" "$1"
    git -C "$clone" checkout --quiet --force --detach "$1"
    [ -e "$clone/benches/benches/instructions" ] || {
        echo "bench_compare: commit ${1:0:9} has no instruction counts yet: compare later ones" >&2
        exit 2
    }
}
count() {
    (cd "$clone" && cargo bench --quiet --locked --workspace --bench instructions -- \
        --callgrind-args=--cache-sim=no --callgrind-metrics=ir "$@")
}
times() { (cd "$clone" && KEEP=1 BASE=$1 scripts/bench.sh); }
input() { cat "$CARGO_TARGET_DIR"/tmp/instructions/{blocks,witnesses,codes} | sha256sum; }

rm -rf "$GUNGRAUN_HOME"
code=0
checkout "$old"
echo "bench_compare: counting ${old:0:9}"
count --save-baseline=old >/dev/null
input_of_old=$(input)
[ -z "${TIMES:-}" ] || times old
checkout "$new"
echo "bench_compare: counting ${new:0:9}; on the right of each line: ${old:0:9}"
count --baseline=old --callgrind-limits="ir=$THRESHOLD%" || code=$?
[ "$(input)" = "$input_of_old" ] ||
    echo "bench_compare: these commits make different practice chains: their counts are not of the same work"
if [ -n "${TIMES:-}" ]; then
    times new
    baselines="$CARGO_TARGET_DIR/bench-baselines"
    scripts/bench_table.sh "$BLOCKMILL_CACHE/critcmp-$CRITCMP_VERSION/bin/critcmp" \
        "$baselines/old.json" "$baselines/new.json" "${TIMES_THRESHOLD:-30}" || code=1
fi
# The runner's code for a limit that was passed is 3.
[ $code = 0 ] || echo "bench_compare: FAILED: ${new:0:9} takes more than ${old:0:9}, see above"
exit $code
