# The build's environment; source it before calling cargo by hand: `. scripts/env.sh`.
# Everything that is not in the repository lives in one cache folder, so that every clone shares it.
BLOCKMILL_CACHE="${BLOCKMILL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/blockmill}"

# Cargo runs build scripts and tests in the folders of their packages: paths that a user gives are taken from this one.
for name in BLOCKMILL_CACHE BLOCKMILL_VECTORS BLOCKMILL_ETHEREUMJS DUCKDB_LIB_DIR LIBCLANG_PATH CARGO_TARGET_DIR; do
    case "${!name:-/}" in
        /*) ;;
        *) export "$name=$PWD/${!name}" ;;
    esac
done
DUCKDB_VERSION=1.5.6
ETHEREUMJS_VERSION=0.10.5
# What benches are compared with; the runner has to be of the version of the gungraun crate in Cargo.toml.
CRITCMP_VERSION=0.1.8
GUNGRAUN_VERSION=0.20.0
CARGO_FUZZ_VERSION=0.13.2
export BLOCKMILL_CACHE DUCKDB_VERSION ETHEREUMJS_VERSION CRITCMP_VERSION GUNGRAUN_VERSION CARGO_FUZZ_VERSION

# A library folder given by the user wins; else the one that scripts/setup.sh fills.
: "${DUCKDB_LIB_DIR:=$BLOCKMILL_CACHE/duckdb-$DUCKDB_VERSION}"
export DUCKDB_LIB_DIR

# Where the client is that practice chains are checked with, if scripts/crosscheck_setup.sh could fetch it.
export BLOCKMILL_ETHEREUMJS="${BLOCKMILL_ETHEREUMJS:-$BLOCKMILL_CACHE/ethereumjs-$ETHEREUMJS_VERSION}"

# bindgen (for RocksDB) loads libclang; the copy that setup.sh fetches has no headers of its own, gcc's do.
if [ -z "${LIBCLANG_PATH:-}" ] && [ -e "$BLOCKMILL_CACHE/libclang/libclang.so" ]; then
    export LIBCLANG_PATH="$BLOCKMILL_CACHE/libclang"
    export BINDGEN_EXTRA_CLANG_ARGS="${BINDGEN_EXTRA_CLANG_ARGS:--isystem $(gcc -print-file-name=include 2>/dev/null)}"
fi
