#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# give-back.sh FOLDER… -- COMMAND…: runs a command, then gives what root left in these folders to the
# clone's owner. Does nothing but run it unless root works in somebody's clone (THAW_OWNER=UID:GID).
folders=
while [ "$1" != -- ]; do
    folders="$folders $1"
    shift
done
shift
"$@"
status=$?
if [ "${THAW_OWNER:-none}" != none ]; then
    find $folders -uid 0 -exec chown -h "$THAW_OWNER" {} +
fi
exit $status
