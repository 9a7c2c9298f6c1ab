#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shell of make's build steps when root works in a clone that belongs to someone else: runs its
# command as the clone's owner. (make's $(shell …) passes it no variables, so it looks itself.)
clone=$(dirname "$0")/../..
uid=$(stat -c %u "$clone")
HOME=$(getent passwd "$uid" | cut -d: -f6)
export HOME="${HOME:-/}"
exec setpriv --reuid="$uid" --regid="$(stat -c %g "$clone")" --clear-groups /bin/sh "$@"
