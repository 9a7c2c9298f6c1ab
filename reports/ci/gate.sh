#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs `thaw gate` once in a CI job, with every output that a CI system shows: started in the root of
# the checkout, told by variables, as a word of a variable is never taken for a command.
#
#   THAW_PROGRAM               thaw itself ("thaw")
#   THAW_CONFIG                the budgets ("thaw.json")
#   THAW_TARGET                what is shipped ("": as the budgets say)
#   THAW_COMMAND               shell words of a start, run in the root ("": as the budgets say)
#   THAW_BASE_REF              branch or commit to compare with: its merge base with HEAD is measured
#                              in this job, in turns ("": the baseline in the repository, if there is)
#   THAW_RUNS, THAW_BACKEND    as --runs and --backend of `thaw gate` ("": as thaw does by itself)
#   THAW_REQUIREMENTS          of both sides, into .venv beside the budgets ("requirements.txt")
#   THAW_PYTHON                the Python of .venv ("python3")
#   THAW_INSTALL               shell words instead of .venv and pip, run beside the budgets of each
#                              side; "none": all is there already ("")
#   THAW_FAIL_ON_INCONCLUSIVE  "true": end with 4 where times can't be told from noise ("false")
#   THAW_OUTPUT                folder of the outputs ("thaw-gate"): comment.md, gate.json, gate.sarif,
#                              junit.xml, gitlab.json, annotations.txt
#
# Status: 0 kept (or warned, or inconclusive), 1 a budget is broken, 2 can't be used, 3 not measured,
# 4 inconclusive where that is asked for, 125 thaw failed. Where GITHUB_ACTIONS is "true" the job's
# summary is written and annotations are printed.
set -u

program=${THAW_PROGRAM:-thaw}
config=${THAW_CONFIG:-thaw.json}
base_ref=${THAW_BASE_REF:-}
requirements=${THAW_REQUIREMENTS:-requirements.txt}
python=${THAW_PYTHON:-python3}
output=${THAW_OUTPUT:-thaw-gate}
on_github=${GITHUB_ACTIONS:-false}
scratch=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/thaw-gate.XXXXXX") || exit 2
made=$scratch/made # not in the checkout, which may be what is measured
base=

# From outside are also names of modules: of what is between these two lines GitHub runs nothing.
quiet_begin() {
    [ "$on_github" = true ] || return 0
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
}
quiet_end() {
    [ "$on_github" = true ] || return 0
    printf '\n::%s::\n' "$token"
}

# say LEVEL TEXT: a line of the log, on GitHub an annotation.
say() {
    if [ "$on_github" = true ]; then
        printf '::%s title=thaw gate::%s\n' "$1" "$2"
    else
        printf 'thaw gate: %s\n' "$2"
    fi
}

# give_up TEXT: nothing was measured; the text is not from outside.
give_up() {
    say error "$1"
    hand_out "$1"
    exit 2
}

# hand_out TEXT: puts the outputs where they are looked for. Where thaw wrote no comment there is one
# all the same: an old one would tell of another commit.
hand_out() {
    if [ ! -s "$made/comment.md" ]; then
        printf '<!-- thaw:gate -->\n## Cold-start budgets: no verdict\n\n' >"$made/comment.md"
        printf '%s. The log of the job has more.\n' "$1" >>"$made/comment.md"
    fi
    mkdir -p -- "$output" && cp -- "$made"/* "$output"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        cat "$made/comment.md" >>"$GITHUB_STEP_SUMMARY"
    fi
    if [ -n "${GITHUB_OUTPUT:-}" ] && [ -f "$made/gate.json" ]; then
        sed -n 's/^  "verdict": "\([a-z]*\)",*$/verdict=\1/p' "$made/gate.json" >>"$GITHUB_OUTPUT"
    fi
}

clean_up() {
    [ -z "$base" ] || git worktree remove --force "$base" >/dev/null 2>&1
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What is run from here on is the code of the change: it gets neither tokens nor the files by which
# GitHub is told of variables and of the path.
without_job() (
    unset GITHUB_ENV GITHUB_PATH GITHUB_OUTPUT GITHUB_STATE GITHUB_STEP_SUMMARY GITHUB_TOKEN GH_TOKEN
    unset ACTIONS_RUNTIME_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN CI_JOB_TOKEN CI_REGISTRY_PASSWORD
    "$@"
)

# find_base: the commit that HEAD was made from, in $commit.
find_base() {
    commit=
    for name in "refs/remotes/origin/$base_ref" "$base_ref"; do
        commit=$(git rev-parse --verify --quiet --end-of-options "$name^{commit}") && break
    done
    if [ -z "$commit" ]; then
        git check-ref-format "refs/heads/$base_ref" || return 1
        git fetch --quiet --no-tags origin "+refs/heads/$base_ref:refs/remotes/origin/$base_ref" ||
            return 1
        commit=$(git rev-parse --verify --quiet --end-of-options \
            "refs/remotes/origin/$base_ref^{commit}") || return 1
    fi
    commit=$(git merge-base HEAD "$commit")
}

# install FOLDER: what a side needs, into its own .venv.
install() (
    cd -- "$1" || exit 1
    case ${THAW_INSTALL:-} in
    none) exit 0 ;;
    ?*) exec sh -c "$THAW_INSTALL" ;;
    esac
    [ -e "$requirements" ] || exit 0
    "$python" -m venv .venv && .venv/bin/python -m pip install --quiet --no-input \
        --disable-pip-version-check -r "$requirements"
)

mkdir "$made" || exit 2
for name in comment.md gate.json gate.sarif junit.xml gitlab.json annotations.txt; do
    rm -f -- "$output/$name" # of an earlier job
done
[ -f "$config" ] || give_up "there is no file of budgets (THAW_CONFIG): thaw gate --init writes one"
folder=$(dirname -- "$config")
if [ -n "$base_ref" ]; then
    find_base || give_up "the base (THAW_BASE_REF) is not in this clone, or its history is too short (fetch-depth: 0)"
    git -c core.hooksPath=/dev/null worktree add --quiet --detach "$scratch/base" "$commit" ||
        give_up "the base (THAW_BASE_REF) can't be checked out"
    base=$scratch/base
fi
if [ -n "$base" ] && [ ! -d "$base/$folder" ]; then
    say notice "the base has no such folder yet: there is nothing to compare with"
    git worktree remove --force "$base"
    base=
fi

quiet_begin
without_job install "$folder" && { [ -z "$base" ] || without_job install "$base/$folder"; }
installed=$?
quiet_end
[ "$installed" = 0 ] || give_up "what is required could not be installed (THAW_REQUIREMENTS, THAW_INSTALL)"

# The words of the command line, one by one.
set -- --config "$config"
[ -z "$base" ] || set -- "$@" --base "$base"
[ -z "${THAW_RUNS:-}" ] || set -- "$@" --runs "$THAW_RUNS"
[ -z "${THAW_BACKEND:-}" ] || set -- "$@" --backend "$THAW_BACKEND"
for pair in markdown:comment.md json:gate.json sarif:gate.sarif junit:junit.xml \
    gitlab:gitlab.json github:annotations.txt; do
    set -- "$@" -f "${pair%%:*}" -o "$made/${pair#*:}"
done
[ -z "${THAW_TARGET:-}" ] || set -- "$@" "$THAW_TARGET"
[ -z "${THAW_COMMAND:-}" ] || set -- "$@" -- sh -c "$THAW_COMMAND"

quiet_begin
without_job "$program" gate "$@"
status=$?
quiet_end
if [ "$on_github" = true ] && [ -f "$made/annotations.txt" ]; then
    cat "$made/annotations.txt"
fi

level=error
case $status in
0) level=notice meaning="the budgets are kept" ;;
1) meaning="a budget is broken: see which one, and by whom, above (exit status 1)" ;;
2) meaning="nothing was measured: what was given can't be used, see above (exit status 2)" ;;
3) meaning="the measurement is incomplete: a budget could not be measured, or a run failed (exit status 3)" ;;
4) meaning="times can't be told from noise: more runs or a quieter machine would tell (exit status 4)" ;;
*) meaning="thaw failed, or was not found (exit status $status)" ;;
esac
if [ "$status" = 4 ] && [ "${THAW_FAIL_ON_INCONCLUSIVE:-false}" != true ]; then
    level=warning status=0
fi
say "$level" "$meaning"
hand_out "$meaning"
exit "$status"
