#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS [NAME]: runs each libFuzzer program of BUILD/bin on its corpus, one on each CPU.
# New inputs go to BUILD/corpus, crashes to BUILD/crash; what is worth keeping is copied to
# tests/fuzz/corpus by hand. FUZZ_SEED=N begins as another run with it did; without it each is another.
set -u
export build=$1 seconds=$2
only=${3:-}

# run_target NAME: prints how it went, as one piece.
run_target() {
    local name=$1 log=$build/$1.log line outcome
    mkdir -p "$build/corpus/$name" "$build/crash"
    if "$build/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -seed="${FUZZ_SEED:-0}" \
        -artifact_prefix="$build/crash/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$log" 2>&1; then
        outcome=ok
        printf -v line '  %-7s %-30s %s\n' ok "$name" "$(tail -n 1 "$log")"
    else
        outcome=FAILED
        printf -v line '  %-7s %s\n%s\n' FAILED "$name" "$(tail -n 60 "$log")"
    fi
    printf '%s' "$line"
    echo "$outcome" >>"$results"
}
export -f run_target

results=$(mktemp)
trap 'rm -f "$results"' EXIT
export results
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    echo "$name"
done | xargs -P "$(nproc)" -n 1 bash -c 'run_target "$1"' run_target
passed=$(grep -c ok "$results") failed=$(grep -c FAILED "$results")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
