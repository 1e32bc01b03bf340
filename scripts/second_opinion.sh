#!/usr/bin/env bash
# Compares blockmill's tables with what Ethereum's executable specification, the Python package ethereum-execution, sees when
# it executes random chains. The package comes from PyPI at fixed hashes, into an environment of its own in the cache
# folder. Arguments go to `python -m second_opinion` (scripts/python/second_opinion/README.md). Where the package cannot be had it
# says so and stops; in CI that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
. scripts/env.sh

requirements="$root/scripts/python/second_opinion/requirements.txt"
cache=$(mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null && cd "$BLOCKMILL_CACHE" && pwd) || cache=
target="$cache/second-opinion-$(sha256sum "$requirements" | cut -c 1-12)"
[[ "${CARGO_TARGET_DIR:=target}" = /* ]] || CARGO_TARGET_DIR="$root/$CARGO_TARGET_DIR"

skip() {
    echo "SKIPPED the second opinion, no chain is executed by ethereum-execution: $*"
    [ "${CI:-}" != true ] || exit 1
    exit 0
}

[ -n "$cache" ] || skip "cannot write to $BLOCKMILL_CACHE: make it writable, or set BLOCKMILL_CACHE to another folder"
python=
for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || skip "python3 is missing or older than 3.11"

if ! [ -e "$target/complete" ]; then
    echo "second opinion: fetching $(grep -o '^ethereum-execution==[^ ]*' "$requirements") and what it needs"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # An environment knows its own path and cannot be moved there when it is whole: a file says that it is.
    rm -rf "$target"
    "$python" -m venv "$target" >"$log" 2>&1 &&
        "$target/bin/pip" install --quiet --require-hashes --only-binary :all: -r "$requirements" >"$log" 2>&1 || {
        rm -rf "$target"
        skip "pip could not install it: $(grep -m 1 -i error "$log" || grep -m 1 . "$log" || echo "it says nothing")"
    }
    touch "$target/complete"
fi

blockmill="$CARGO_TARGET_DIR/release/blockmill"
[ -x "$blockmill" ] || { echo "second opinion: there is no $blockmill: run make build first" >&2; exit 1; }
PYTHONPATH="$root/scripts/python" PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 "$target/bin/python" -m second_opinion \
    --blockmill "$blockmill" --keep "$CARGO_TARGET_DIR/second-opinion" "$@"
