#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shell of make's build steps when root works in a clone that belongs to $THAW_OWNER (UID:GID).
uid=${THAW_OWNER%:*}
HOME=$(getent passwd "$uid" | cut -d: -f6)
export HOME="${HOME:-/}"
exec setpriv --reuid="$uid" --regid="${THAW_OWNER#*:}" --clear-groups /bin/sh "$@"
