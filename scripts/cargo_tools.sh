#!/usr/bin/env bash
# Gets tools out of crates.io that only some commands need, into the cache folder: critcmp (tables of criterion's baselines),
# the runner of the instruction counts, cargo-fuzz. No root needed. Does nothing where they are there already; a tool appears only when it is whole.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

fail() { echo "cargo_tools: $*" >&2; exit 1; }

install() { # NAME VERSION
    local name=$1 version=$2 target="$BLOCKMILL_CACHE/$1-$2" scratch
    [ ! -x "$target/bin/$name" ] || return 0
    mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null && scratch=$(mktemp -d "$BLOCKMILL_CACHE/.tools.XXXXXX" 2>/dev/null) ||
        fail "cannot write to $BLOCKMILL_CACHE: make it writable, or set BLOCKMILL_CACHE to another folder"
    # shellcheck disable=SC2064
    trap "rm -rf '$scratch'" EXIT
    echo "cargo_tools: installing $name $version (some minutes)" >&2
    CARGO_TARGET_DIR="$scratch/target" cargo install --quiet --locked --version "$version" --root "$scratch/root" \
        --no-track "$name" 2>"$scratch/log" || fail "cargo could not install $name $version: $(tail -n 3 "$scratch/log")"
    # Another run may have been faster: its copy is as good.
    mv -T "$scratch/root" "$target" 2>/dev/null || [ -x "$target/bin/$name" ] || fail "cannot write to $target"
    rm -rf "$scratch"
}

for tool in "$@"; do
    case "$tool" in
        critcmp) install critcmp "$CRITCMP_VERSION" ;;
        gungraun-runner) install gungraun-runner "$GUNGRAUN_VERSION" ;;
        cargo-fuzz) install cargo-fuzz "$CARGO_FUZZ_VERSION" ;;
        *) fail "no such tool: $tool" ;;
    esac
done
