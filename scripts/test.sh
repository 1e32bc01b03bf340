#!/usr/bin/env bash
# What `make test` and CI run, after setup: format, clippy, tests, doc tests, and a summary that says what was not run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# What the summary says of each part; nothing where an earlier one failed.
contracts= crosscheck= opinion= python=

step=
finish() {
    local code=$? took="$((SECONDS / 60))m $((SECONDS % 60))s"
    echo
    if [ $code = 0 ]; then
        echo "test: all passed in $took (contracts, format, clippy, tests, doc tests)"
        echo "test: $vectors"
        echo "test: $crosscheck"
        echo "test: $opinion"
        echo "test: $python"
    else
        echo "test: FAILED at $step after $took"
    fi
}
trap finish EXIT
begin() { step=$1; echo "--- $step"; }

vectors="${BLOCKMILL_VECTORS:-../shared/data}"
if [ -d "$vectors" ]; then
    vectors="public vectors: $vectors"
else
    vectors="SKIPPED everything that needs the public vectors: there is no $vectors (scripts/fetch_vectors.sh gets them)"
fi

begin contracts
contracts=$(scripts/contracts.sh --check | tail -n 1)
echo "$contracts"

begin "another client"
scripts/crosscheck_setup.sh
if [ -d "$BLOCKMILL_ETHEREUMJS" ]; then
    crosscheck="practice chains executed by @ethereumjs/client $ETHEREUMJS_VERSION too"
else
    crosscheck="SKIPPED the cross-check with another client"
fi

options=(--workspace --locked)
[ -z "${FEATURES:-}" ] || options+=(--features "blockmill-pipeline/$FEATURES")

begin format
cargo fmt --version >/dev/null 2>&1 || { echo "test: rustfmt is missing: rustup component add rustfmt"; exit 1; }
cargo fmt --all --check
cargo fmt --manifest-path stages/practice/fuzz/Cargo.toml --check

begin clippy
cargo clippy --version >/dev/null 2>&1 || { echo "test: clippy is missing: rustup component add clippy"; exit 1; }
cargo clippy --release "${options[@]}" --all-targets -- -D warnings
# The fuzz targets are a workspace of their own; only `make fuzz` compiles them in full.
cargo clippy --release --locked --manifest-path stages/practice/fuzz/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}" -- -D warnings

# The release profile everywhere: a second profile would compile the C++ a second time.
begin tests
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --cargo-profile release "${options[@]}"
else
    cargo test --release "${options[@]}" --lib --bins --tests
fi

begin "doc tests"
cargo test --release "${options[@]}" --doc --quiet

begin "second opinion"
opinion=$(set -o pipefail; scripts/second_opinion.sh --self-check | tee >(cat >&2) | tail -n 1)

begin "Python page"
python=$(scripts/python.sh | tail -n 1)

# A person may lack a tool. CI is to say that everything holds, and cannot where a part did not run; tests that skip themselves
# fail there too, but for those that the machine does not allow (stages/practice/testkit/src/vectors.rs).
if [ -n "${CI:-}" ]; then
    begin "what was skipped"
    for line in "$vectors" "$contracts" "$crosscheck" "$opinion" "$python"; do
        case "$line" in *SKIPPED*) echo "$line"; exit 1 ;; esac
    done
fi
