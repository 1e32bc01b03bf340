#!/usr/bin/env bash
# Gets a client of another team, @ethereumjs/client from npm: with an EVM and a state trie of its own it can say whether
# a chain made here is right. It goes into the cache folder, whole or not at all; nothing is done where it is already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# The client names exact versions of nearly all that executes blocks; these it takes by range, so they are named here.
PINNED='"@ethereumjs/binarytree": "10.0.0", "ethereum-cryptography": "3.2.0", "@polkadot/wasm-crypto": "7.5.4",
    "mcl-wasm": "1.8.0", "rustbn-wasm": "0.4.0", "micro-eth-signer": "0.14.0", "level": "9.0.0", "classic-level": "2.0.0"'

target="$BLOCKMILL_ETHEREUMJS"
cli=node_modules/@ethereumjs/client/dist/esm/bin/cli.js

skip() { echo "SKIPPED the cross-check with another client, no block is executed by @ethereumjs/client: $*"; exit 0; }

command -v node >/dev/null 2>&1 || skip "node is missing (18 or newer is needed)"
[ "$(node -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)" -ge 18 ] || skip "node is older than 18"
[ ! -e "$target/$cli" ] || exit 0
command -v npm >/dev/null 2>&1 || skip "npm is missing"

scratch=
mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null && scratch=$(mktemp -d "$BLOCKMILL_CACHE/.crosscheck.XXXXXX" 2>/dev/null) ||
    skip "cannot write to $BLOCKMILL_CACHE: make it writable, or set BLOCKMILL_CACHE to another folder"
trap 'rm -rf "$scratch"' EXIT

echo "crosscheck_setup: fetching @ethereumjs/client $ETHEREUMJS_VERSION"
mkdir "$scratch/client"
cat >"$scratch/client/package.json" <<JSON
{
  "private": true,
  "dependencies": { "@ethereumjs/client": "$ETHEREUMJS_VERSION" },
  "overrides": { $PINNED }
}
JSON
# No script of any package runs: the one native module (LevelDB) comes compiled.
(cd "$scratch/client" && npm install --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund \
    --no-update-notifier --loglevel=error) >"$scratch/log" 2>&1 ||
    skip "npm could not install it: $(grep -m 1 . "$scratch/log" || echo "it says nothing")"
# A third of it is of no use to node: source maps, type declarations.
find "$scratch/client/node_modules" -type f \( -name '*.map' -o -name '*.d.ts' \) -delete
(cd "$scratch/client" && node "$cli" --version) >"$scratch/log" 2>&1 ||
    skip "it does not start: $(grep -m 1 . "$scratch/log" || echo "it says nothing")"

# Another run may have been faster: its copy is as good. A broken folder makes way.
[ -e "$target/$cli" ] || { rm -rf "$target"; mv -T "$scratch/client" "$target" 2>/dev/null; } || [ -e "$target/$cli" ] ||
    skip "cannot write to $target"
