#!/usr/bin/env bash
# Gets what the build needs and cargo cannot: libclang (bindgen, for RocksDB) and DuckDB's official library.
# No root needed. Does nothing where both are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# Checksums of the official files: a download that differs is refused.
DUCKDB_SO_SHA256_x86_64=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633
NPM_RELEASE="$DUCKDB_VERSION-r.1"
LIBCLANG_VERSION=18.1.1

fail() { echo "setup: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

need_tools() {
    have cargo || fail "cargo is missing: install Rust 1.94.1 or newer (https://rustup.rs)"
    have g++ || fail "g++ is missing: it compiles RocksDB (Debian: apt-get install g++)"
    have make || fail "make is missing (Debian: apt-get install make)"
}

# --- DuckDB ---------------------------------------------------------------------------------------------------

duckdb_from_npm() { # fills $scratch/libduckdb.so
    have npm || return 1
    (cd "$scratch" && npm pack --silent "@duckdb/node-bindings-$1@$NPM_RELEASE" >/dev/null 2>&1 &&
        tar -xzf ./*.tgz package/libduckdb.so && mv package/libduckdb.so .)
}

duckdb_from_release() {
    have curl && have unzip || return 1
    (cd "$scratch" && curl -fsSL -o lib.zip \
        "https://github.com/duckdb/duckdb/releases/download/v$DUCKDB_VERSION/libduckdb-$2.zip" &&
        unzip -qo lib.zip libduckdb.so)
}

setup_duckdb() {
    [ -e "$DUCKDB_LIB_DIR/libduckdb.so" ] && return
    local npm_name release_name
    case "$(uname -sm)" in
        "Linux x86_64") npm_name=linux-x64 release_name=linux-amd64 ;;
        "Linux aarch64") npm_name=linux-arm64 release_name=linux-arm64 ;;
        *) fail "no prebuilt libduckdb for $(uname -sm) is known here: put libduckdb $DUCKDB_VERSION in a folder and set DUCKDB_LIB_DIR, or build with 'make build FEATURES=bundled'" ;;
    esac
    echo "setup: fetching libduckdb $DUCKDB_VERSION"
    duckdb_from_npm $npm_name || duckdb_from_release $npm_name $release_name ||
        fail "libduckdb $DUCKDB_VERSION could be fetched neither with npm nor with curl+unzip: put it in a folder and set DUCKDB_LIB_DIR, or build with 'make build FEATURES=bundled'"
    if [ "$(uname -m)" = x86_64 ]; then
        echo "$DUCKDB_SO_SHA256_x86_64  $scratch/libduckdb.so" | sha256sum --check --status ||
            fail "the fetched libduckdb.so is not the official $DUCKDB_VERSION file (checksum differs)"
    fi
    mkdir -p "$DUCKDB_LIB_DIR"
    mv "$scratch/libduckdb.so" "$DUCKDB_LIB_DIR/libduckdb.so"
}

# --- libclang -------------------------------------------------------------------------------------------------

libclang_installed() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    ldconfig -p 2>/dev/null | grep -q 'libclang\(-[0-9.]*\)\?\.so' && return 0
    compgen -G '/usr/lib/llvm-*/lib/libclang.so*' >/dev/null
}

setup_libclang() {
    libclang_installed && return
    echo "setup: fetching libclang $LIBCLANG_VERSION"
    if have python3 && python3 -m pip download --quiet --no-deps --dest "$scratch" "libclang==$LIBCLANG_VERSION" 2>/dev/null; then
        python3 -m zipfile -e "$scratch"/libclang-*.whl "$scratch/libclang"
        mkdir -p "$BLOCKMILL_CACHE/libclang"
        find "$scratch/libclang" -name 'libclang.so' -exec mv {} "$BLOCKMILL_CACHE/libclang/libclang.so" \;
    elif [ "$(id -u)" = 0 ] && have apt-get; then
        apt-get update -qq && apt-get install -y -qq libclang-dev >/dev/null
    fi
    . scripts/env.sh
    libclang_installed ||
        fail "libclang is missing and could be fetched neither with pip nor with apt-get: install it (Debian: apt-get install libclang-dev) or set LIBCLANG_PATH"
}

need_tools
[ "${FEATURES:-}" = bundled ] || setup_duckdb
setup_libclang
