#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS [NAME]: runs each libFuzzer program of BUILD/bin on its corpus. New inputs go
# to BUILD/corpus, crashes to BUILD/crash; what is worth keeping is copied to tests/fuzz/corpus by hand.
set -u
build=$1 seconds=$2 only=${3:-}
passed=0 failed=0
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    mkdir -p "$build/corpus/$name" "$build/crash"
    log=$build/$name.log
    if "$build/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix="$build/crash/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$log" 2>&1; then
        printf '  %-7s %-30s %s\n' ok "$name" "$(tail -n 1 "$log")"
        passed=$((passed + 1))
    else
        printf '  %-7s %s\n' FAILED "$name"
        tail -n 60 "$log"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
