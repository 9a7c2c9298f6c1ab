#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts a text on a pull request, in the place of the one that was put there before: the comment whose
# first line is the text's first line. By gh, which takes its token from GH_TOKEN.
#
#   THAW_COMMENT       file of the text    THAW_PULL_REQUEST  number
#   GITHUB_REPOSITORY  owner/name
#
# A token that may not comment, as that of a fork's pull request, is a warning and no failure.
set -u

case ${THAW_PULL_REQUEST:-} in
'' | *[!0-9]*)
    printf 'thaw gate: no pull request to comment on\n'
    exit 0
    ;;
esac
if [ ! -s "${THAW_COMMENT:?}" ]; then
    printf 'thaw gate: there is no text to comment with\n'
    exit 0
fi

# What was measured ran as the same user and may have put anything there, also a link: the copy that is
# written is looked at, and is thaw's own or none.
marker='<!-- thaw:gate -->'
text=$(mktemp "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/thaw-comment.XXXXXX") || exit 1
trap 'rm -f "$text"' EXIT
(
    unset GH_TOKEN GITHUB_TOKEN
    head -c 65536 <"$THAW_COMMENT" >"$text"
)
if [ "$(head -n 1 "$text" | tr -d '\000')" != "$marker" ]; then
    printf '::warning title=thaw gate::the text of the comment is not one of thaw gate: nothing is written\n'
    exit 0
fi

comments="repos/${GITHUB_REPOSITORY:?}/issues/$THAW_PULL_REQUEST/comments"
mine=".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id"
number=$(gh api --paginate "$comments" --jq "$mine" | head -n 1)
case $number in
'' | *[!0-9]*) gh api --silent --method POST "$comments" --field "body=@$text" ;;
*)
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$number" \
        --field "body=@$text"
    ;;
esac || printf '::warning title=thaw gate::the comment could not be written: the token may not (permissions: pull-requests: write)\n'
exit 0
