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

comments="repos/${GITHUB_REPOSITORY:?}/issues/$THAW_PULL_REQUEST/comments"
mine='.[] | select(.user.type == "Bot" and (.body | startswith("<!-- thaw:gate -->"))) | .id'
number=$(gh api --paginate "$comments" --jq "$mine" | head -n 1)
case $number in
'' | *[!0-9]*) gh api --silent --method POST "$comments" --field "body=@$THAW_COMMENT" ;;
*)
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$number" \
        --field "body=@$THAW_COMMENT"
    ;;
esac || printf '::warning title=thaw gate::the comment could not be written: the token may not (permissions: pull-requests: write)\n'
exit 0
