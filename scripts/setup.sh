#!/usr/bin/env bash
# Gets what the build needs and cargo cannot: libclang (bindgen, for RocksDB) and DuckDB's official library.
# No root needed. Does nothing where both are there already; a file appears in the cache only when it is whole.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

RUST_VERSION=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
# Checksum of the official file: a download that differs is refused.
DUCKDB_SO_SHA256_x86_64=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633
NPM_RELEASE="$DUCKDB_VERSION-r.1"
LIBCLANG_VERSION=18.1.1

fail() { echo "setup: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The scratch folder lies in the cache, so that moving out of it is a rename.
scratch=
make_scratch() {
    [ -z "$scratch" ] || return 0
    mkdir -p "$BLOCKMILL_CACHE" 2>/dev/null && scratch=$(mktemp -d "$BLOCKMILL_CACHE/.setup.XXXXXX" 2>/dev/null) ||
        fail "cannot write to $BLOCKMILL_CACHE: make it writable, or set BLOCKMILL_CACHE to another folder"
    trap 'rm -rf "$scratch"' EXIT
}

# --- Tools ----------------------------------------------------------------------------------------------------

need_tools() {
    have cargo && have rustc || fail "cargo is missing: install Rust $RUST_VERSION or newer (https://rustup.rs)"
    local rust
    rust=$(rustc --version | cut -d ' ' -f 2)
    [ "$(printf '%s\n' "$RUST_VERSION" "${rust%%-*}" | sort -V | head -n 1)" = "$RUST_VERSION" ] ||
        fail "Rust $rust is too old: $RUST_VERSION or newer is needed (rustup update)"
    have g++ || fail "g++ is missing: it compiles RocksDB (Debian: apt-get install g++)"
    have make || fail "make is missing (Debian: apt-get install make)"
}

# --- DuckDB ---------------------------------------------------------------------------------------------------

OTHER_WAYS="put libduckdb $DUCKDB_VERSION in a folder and set DUCKDB_LIB_DIR, or build with FEATURES=bundled"

duckdb_from_npm() { # fills $scratch/libduckdb.so
    have npm || return 1
    (cd "$scratch" && npm pack --silent "@duckdb/node-bindings-$1@$NPM_RELEASE" >/dev/null 2>&1 &&
        tar -xzf ./*.tgz package/libduckdb.so && mv package/libduckdb.so .)
}

duckdb_from_release() { # the same
    have curl && have unzip || return 1
    (cd "$scratch" && curl -fsSL --connect-timeout 20 --retry 2 -o lib.zip \
        "https://github.com/duckdb/duckdb/releases/download/v$DUCKDB_VERSION/libduckdb-$1.zip" 2>/dev/null &&
        unzip -qo lib.zip libduckdb.so)
}

setup_duckdb() {
    [ -e "$DUCKDB_LIB_DIR/libduckdb.so" ] && return
    [ "$DUCKDB_LIB_DIR" = "$BLOCKMILL_CACHE/duckdb-$DUCKDB_VERSION" ] ||
        fail "DUCKDB_LIB_DIR is $DUCKDB_LIB_DIR, which has no libduckdb.so: put it there, or unset the variable"
    local npm_name release_name
    case "$(uname -sm)" in
        "Linux x86_64") npm_name=linux-x64 release_name=linux-amd64 ;;
        "Linux aarch64") npm_name=linux-arm64 release_name=linux-arm64 ;;
        *) fail "no prebuilt libduckdb for $(uname -sm) is known here: $OTHER_WAYS" ;;
    esac
    make_scratch
    echo "setup: fetching libduckdb $DUCKDB_VERSION"
    duckdb_from_npm $npm_name || duckdb_from_release $release_name ||
        fail "libduckdb $DUCKDB_VERSION is missing and could be fetched neither with npm nor with curl and unzip: $OTHER_WAYS"
    if [ "$(uname -m)" = x86_64 ]; then
        echo "$DUCKDB_SO_SHA256_x86_64  $scratch/libduckdb.so" | sha256sum --check --status ||
            fail "the fetched libduckdb.so is not the official $DUCKDB_VERSION file (its checksum differs): $OTHER_WAYS"
    fi
    mkdir -p "$DUCKDB_LIB_DIR"
    mv "$scratch/libduckdb.so" "$DUCKDB_LIB_DIR/libduckdb.so"
}

# --- libclang -------------------------------------------------------------------------------------------------

has_libclang() { # the names that bindgen looks for in a folder; libclang-cpp is something else
    compgen -G "$1/libclang.so*" >/dev/null || compgen -G "$1/libclang-[0-9]*.so*" >/dev/null
}

libclang_installed() {
    [ -z "${LIBCLANG_PATH:-}" ] || { [ -f "$LIBCLANG_PATH" ] || has_libclang "$LIBCLANG_PATH"; return; }
    ldconfig -p 2>/dev/null | grep -q 'libclang\(-[0-9.]*\)\?\.so' && return 0
    has_libclang '/usr/lib/llvm-*/lib'
}

libclang_from_pypi() {
    have python3 && python3 -m pip --version >/dev/null 2>&1 || return 1
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$scratch" "libclang==$LIBCLANG_VERSION" >/dev/null 2>&1 || return 1
    python3 -m zipfile -e "$scratch"/libclang-*.whl "$scratch/wheel" || return 1
    mkdir -p "$BLOCKMILL_CACHE/libclang"
    find "$scratch/wheel" -name libclang.so -exec mv {} "$BLOCKMILL_CACHE/libclang/libclang.so" \;
}

libclang_from_debian() {
    [ "$(id -u)" = 0 ] && have apt-get || return 1
    apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq libclang-dev >/dev/null 2>&1
}

setup_libclang() {
    libclang_installed && return
    [ -z "${LIBCLANG_PATH:-}" ] ||
        fail "LIBCLANG_PATH is $LIBCLANG_PATH, which has no libclang: correct it, or unset the variable"
    make_scratch
    echo "setup: fetching libclang $LIBCLANG_VERSION"
    libclang_from_pypi || libclang_from_debian || true
    . scripts/env.sh
    libclang_installed ||
        fail "libclang is missing and could be fetched neither with pip nor with apt-get: install it (Debian: apt-get install libclang-dev) or set LIBCLANG_PATH"
}

need_tools
[ "${FEATURES:-}" = bundled ] || setup_duckdb
setup_libclang
