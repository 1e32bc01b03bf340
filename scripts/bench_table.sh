#!/usr/bin/env bash
# bench_table.sh CRITCMP OLD.json NEW.json PERCENT: prints critcmp's table of two exported baselines, which have the names of
# their files, names the benches that became slower by more than PERCENT, and fails if there are any.
set -euo pipefail
critcmp=$1 old=$2 new=$3 percent=$4

"$critcmp" --color never "$old" "$new"
echo
# By group: the name, a line below it, and a line for each baseline, fastest first: name, ratio to the fastest, time.
"$critcmp" --color never --list "$old" "$new" | awk -v percent="$percent" -v newer="$(basename "$new" .json)" '
    /^-+$/ { bench = last; rows = 0 }
    $2 ~ /^[0-9.]+$/ && bench { rows++; if (rows == 2 && $1 == newer && $2 > 1 + percent / 100) slower[bench] = $2 }
    { last = $0 }
    END {
        for (bench in slower) { printf "SLOWER   %s: %s times\n", bench, slower[bench]; count++ }
        printf "bench: %d benches are slower than before by more than %s%%\n", count, percent
        exit count > 0
    }'
