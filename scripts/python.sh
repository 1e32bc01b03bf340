#!/usr/bin/env bash
# Runs every block of schemas/python.md, in order, on a practice chain: with duckdb, pandas, polars and pyarrow from PyPI at the
# versions named here, in an environment of their own in the cache folder. Where they cannot be had it says so and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

PACKAGES=(duckdb==1.5.6 pandas==2.3.3 polars==1.35.2 pyarrow==22.0.0)
target="$BLOCKMILL_CACHE/python-$(printf '%s-' "${PACKAGES[@]##*==}")1"

skip() { echo "SKIPPED the Python page, none of its code is run: $*"; exit 0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

command -v python3 >/dev/null 2>&1 || skip "python3 is missing"
if ! [ -e "$target/complete" ]; then
    echo "python: fetching ${PACKAGES[*]}"
    mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null || skip "cannot write to $BLOCKMILL_CACHE"
    # An environment knows its own path and cannot be moved there when it is whole: a file says that it is.
    rm -rf "$target"
    python3 -m venv "$target" >"$scratch/log" 2>&1 && "$target/bin/pip" install --quiet "${PACKAGES[@]}" >"$scratch/log" 2>&1 || {
        rm -rf "$target"
        skip "pip could not install them: $(grep -m 1 . "$scratch/log" || echo "it says nothing")"
    }
    touch "$target/complete"
fi

# Absolute: the page runs in another folder.
blockmill=$(realpath "${CARGO_TARGET_DIR:-target}/release/blockmill")
"$blockmill" devchain --blocks 40 --out "$scratch/chain" >/dev/null 2>&1
page="$PWD/schemas/python.md"
cd "$scratch"
"$blockmill" rebuild --chain chain/genesis.json --source chain/chain.rlp >/dev/null 2>&1
"$blockmill" export export >/dev/null
awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page" >page.py
[ -s page.py ] || { echo "python: no code in $page" >&2; exit 1; }
if ! "$target/bin/python" page.py >output 2>&1; then
    tail -n 20 output >&2
    exit 1
fi
echo "python: the page runs with ${PACKAGES[*]}"
