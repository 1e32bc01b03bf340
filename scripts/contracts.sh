#!/usr/bin/env bash
# Compiles the contracts of the practice chain into stages/practice/devchain/contracts/compiled.json, which is committed: no
# compiler is needed to build. Run it after a change of a contract; with --check it only tells whether that was forgotten.
#
#     scripts/contracts.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# The compiler, as an npm package. It still compiles for Homestead, though it warns that this will end.
SOLC_VERSION=0.8.30
# Checksum of its soljson.js: a download that differs is refused.
SOLJSON_SHA256=3bb491a777f76dff9b2fe73ce29ca20e21a971b59a2f2cf8f73415424f00be06

contracts=stages/practice/devchain/contracts
solc_dir=$BLOCKMILL_CACHE/solc-$SOLC_VERSION

fail() { echo "contracts: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "SKIPPED contracts: $*"; exit 0; }

scratch=
trap 'rm -rf ${scratch:+"$scratch"}' EXIT

setup_solc() {
    [ -e "$solc_dir/soljson.js" ] && return
    have npm || skip "npm is missing, which fetches the Solidity compiler: install it"
    mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null && scratch=$(mktemp -d "$BLOCKMILL_CACHE/.solc.XXXXXX" 2>/dev/null) ||
        fail "cannot write to $BLOCKMILL_CACHE: make it writable, or set BLOCKMILL_CACHE to another folder"
    echo "contracts: fetching solc $SOLC_VERSION" >&2
    (cd "$scratch" && npm pack --silent "solc@$SOLC_VERSION" >/dev/null 2>&1 &&
        tar -xzf ./*.tgz package/soljson.js package/LICENSE) ||
        skip "solc $SOLC_VERSION could not be fetched with npm"
    echo "$SOLJSON_SHA256  $scratch/package/soljson.js" | sha256sum --check --status ||
        fail "the fetched soljson.js is not the official $SOLC_VERSION file (its checksum differs)"
    # Of two processes that fetch at the same time, the second finds the folder in place.
    mv -T "$scratch/package" "$solc_dir" 2>/dev/null || [ -e "$solc_dir/soljson.js" ] ||
        fail "cannot write $solc_dir"
}

compile() { node "$contracts/compile.js" "$solc_dir/soljson.js"; }

case "${1:-}" in
    '' | --check) ;;
    *) fail "usage: $0 [--check]" ;;
esac
[ $# -le 1 ] || fail "usage: $0 [--check]"
have node || skip "node is missing, which runs the Solidity compiler: install it"
setup_solc

if [ "${1:-}" = --check ]; then
    compiled=$(compile) || fail "the contracts do not compile"
    diff -q <(echo "$compiled") "$contracts/compiled.json" >/dev/null ||
        fail "$contracts/compiled.json is not what the contracts compile to: run scripts/contracts.sh and commit it"
    echo "contracts: compiled.json is up to date"
else
    part=$contracts/compiled.json.part
    compile >"$part" || { rm -f "$part"; fail "the contracts do not compile"; }
    mv "$part" "$contracts/compiled.json"
    echo "contracts: wrote $contracts/compiled.json"
fi
