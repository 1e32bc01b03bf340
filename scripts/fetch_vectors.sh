#!/usr/bin/env bash
# Gets the public test vectors from the repositories of those who wrote them, at fixed commits:
#
#     scripts/fetch_vectors.sh DIR && export BLOCKMILL_VECTORS=DIR
#
# scripts/fetch_vectors.list names the files. What is in DIR already is not fetched again. Only the listed files are
# downloaded (partial clones). A file whose content is not the listed one is reported and makes the
# script fail, but stays.
set -euo pipefail

list=$(dirname "$0")/fetch_vectors.list

say() { echo "fetch_vectors: $*" >&2; }
fail() { say "$*"; exit 1; }

[ $# -eq 1 ] || fail "usage: $0 DIR"
for tool in git gzip sha256sum python3; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install it"
done
mkdir -p "$1"
dir=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# --- Where files come from ------------------------------------------------------------------------------------

repositories=(
    ethereum/trin ethereum/go-ethereum ethereum/execution-apis ethereum/hive ethereum/legacytests
    paradigmxyz/reth risechain/pevm erigontech/eest-fixtures
)

commit_of() {
    case "$1" in
        ethereum/trin) echo 019d645814eca1e49b10a0e9a49a01162f4afd26 ;;
        ethereum/go-ethereum) echo 02b73d4ea7181464175e0a6cbecc0a3a2655a562 ;;
        ethereum/execution-apis) echo 033ca6e69da000445840d2060ff47e5e56172a86 ;;
        ethereum/hive) echo 8d692b48ee421100aa3d4ed2d622f75079d6602c ;;
        ethereum/legacytests) echo 71560ecd8d6b9e8b9a4280aba66dbab762608edf ;;
        # Of ethereum/execution-spec-tests v5.4.0, which are published only as archives; zkevm as of v0.3.3.
        erigontech/eest-fixtures) echo ec66995f0debb19fb1e0e4499cf7e4a172b46028 ;;
        paradigmxyz/reth) echo 7b3432d950030875b23c5c4df7c9f53a7caa4868 ;;
        # The commit at which each block has its contract code beside it.
        risechain/pevm) echo 6d7f6761c4b4c84b21fc7a29d0501f310529789b ;;
    esac
}

# Prints the repository of a listed file and its path there; for mainnet-blocks a folder.
origin() {
    local plain=${1%.gz}
    case "$plain" in
        era/mainnet-*) echo "ethereum/trin test_assets/era1/${plain#era/}" ;;
        era/synthetic-noreceipts.ere)
            echo "ethereum/go-ethereum core/rawdb/eradb/testdata/noreceipts/sepolia-00000-deadbeef-noreceipts.ere"
            ;;
        era/sepolia-*) echo "ethereum/go-ethereum core/rawdb/eradb/testdata/${plain#era/}" ;;
        chains/geth-ethtest/*) echo "ethereum/go-ethereum cmd/devp2p/internal/ethtest/testdata/${plain##*/}" ;;
        geth-tracers/*) echo "ethereum/go-ethereum eth/tracers/internal/tracetest/testdata/${plain#*/}" ;;
        chains/execution-apis/rpc/*) echo "ethereum/execution-apis tests/${plain#chains/execution-apis/rpc/}" ;;
        chains/execution-apis/*) echo "ethereum/execution-apis tools/chain/${plain##*/}" ;;
        chains/hive-sync/*) echo "ethereum/hive simulators/ethereum/sync/chain/${plain##*/}" ;;
        blockchain-tests/*)
            local below=${plain#blockchain-tests/}
            echo "ethereum/legacytests ${below%%/*}/BlockchainTests/${below#*/}"
            ;;
        eest/zkevm/*)
            echo "erigontech/eest-fixtures blockchain_tests_zkevm/for_amsterdam/amsterdam/${plain#eest/zkevm/}"
            ;;
        eest/*) echo "erigontech/eest-fixtures blockchain_tests/${plain#eest/}" ;;
        genesis/*) echo "paradigmxyz/reth crates/chainspec/res/genesis/${plain##*/}" ;;
        mainnet-blocks/*)
            local block=${plain##*/}
            echo "risechain/pevm blocks/${block%.json}/"
            ;;
        *) fail "$list names $1, and this script does not know where it comes from" ;;
    esac
}

# Prints "repository path file" for every listed file that is not in DIR yet.
missing() {
    local sum file from
    while read -r sum file; do
        case "$sum" in '' | '#'*) continue ;; esac
        [ -e "$dir/$file" ] && continue
        from=$(origin "$file")
        echo "$from $file"
    done <"$list"
}

# --- Fetching -------------------------------------------------------------------------------------------------

# Checks out the paths on standard input, and nothing else, into the folder $2.
checkout() (
    repository=$1 tree=$2
    # Joined with &&: the caller tests the outcome, and there `set -e` does not hold.
    git init --quiet "$tree" && cd "$tree" &&
        git remote add origin "https://github.com/$repository.git" &&
        git config remote.origin.promisor true &&
        git config remote.origin.partialclonefilter blob:none &&
        sed 's|^|/|' | git sparse-checkout set --no-cone --stdin &&
        git fetch --quiet --depth 1 --filter=blob:none origin "$(commit_of "$repository")" &&
        git -c advice.detachedHead=false checkout --quiet FETCH_HEAD
)

# One file of mainnet-blocks: block, state before it with the code inside, hashes for BLOCKHASH.
join_block() {
    python3 - "$1" <<'PYTHON'
import json, pathlib, sys

folder = pathlib.Path(sys.argv[1])

def load(name, absent=None):
    path = folder / name
    if absent is not None and not path.exists():
        return absent
    return json.loads(path.read_text())

codes = load("bytecodes.json", {})

def code(code_hash):
    if code_hash not in codes:
        sys.exit(f"{folder}: bytecodes.json lacks {code_hash}")
    analysed = codes[code_hash]
    analysed = analysed.get("LegacyAnalyzed", analysed)
    return analysed["bytecode"][: 2 + 2 * analysed["original_len"]]

def word(number):
    return f"0x{int(number, 16):064x}"

def account(written):
    basic = written.get("basic", written)
    out = {"balance": basic["balance"], "nonce": basic["nonce"]}
    if written.get("code_hash"):
        out["code"] = code(written["code_hash"])
    if written.get("storage"):
        out["storage"] = {word(slot): word(value) for slot, value in sorted(written["storage"].items())}
    return out

prestate = {address: account(written) for address, written in sorted(load("pre_state.json").items())}
hashes = load("block_hashes.json", {})
json.dump({"block": load("block.json"), "prestate": prestate, "block_hashes": hashes}, sys.stdout)
PYTHON
}

# Puts one file in its place; its name exists only when its content is whole.
place() {
    local source=$1 file=$2 part=$dir/$2.part
    mkdir -p "$(dirname "$part")"
    case "$file" in
        mainnet-blocks/*) join_block "$source" | gzip -9n >"$part" ;;
        *.gz) gzip -9nc "$source" >"$part" ;;
        *) cp "$source" "$part" ;;
    esac
    mv "$part" "$dir/$file"
}

fetch() {
    local repository=$1 tree=$scratch/$1 wanted=$scratch/wanted count path file
    awk -v repository="$repository" '$1 == repository { print $2, $3 }' "$scratch/missing" >"$wanted"
    count=$(wc -l <"$wanted")
    [ "$count" -gt 0 ] || return 0
    say "$repository: fetching what $count files need"
    mkdir -p "$tree"
    cut -d' ' -f1 "$wanted" | checkout "$repository" "$tree" || fail "$repository could not be fetched from GitHub"
    while read -r path file; do
        [ -e "$tree/$path" ] || fail "$repository has no $path at $(commit_of "$repository")"
        place "$tree/$path" "$file"
    done <"$wanted"
    rm -rf "$tree"
}

# --- Checking -------------------------------------------------------------------------------------------------

content() {
    case "$1" in
        *.gz) gzip -dc "$1" ;;
        *) cat "$1" ;;
    esac
}

check() {
    local listed file actual wrong=0
    while read -r listed file; do
        case "$listed" in '' | '#'* | -) continue ;; esac
        actual=$(content "$dir/$file" | sha256sum | cut -d' ' -f1)
        if [ "$actual" != "$listed" ]; then
            say "$file is not the file that the tests were written against"
            wrong=$((wrong + 1))
        fi
    done <"$list"
    [ "$wrong" -eq 0 ] || fail "$wrong files differ: remove them and run this again"
}

missing >"$scratch/missing"
for repository in "${repositories[@]}"; do
    fetch "$repository"
done
check
say "all files are in $dir: export BLOCKMILL_VECTORS=$dir"
