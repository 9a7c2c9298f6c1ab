#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sonames.sh PACKAGE…: for each pkg-config package of one library the flag -DTHAW_SONAME_<PACKAGE>
# with that library's DT_SONAME, by which a program loads what it was built for.
set -eu
for package in "$@"; do
    folder=$(pkg-config --variable=libdir "$package")
    name=lib${package#lib}.so
    soname=$(readelf -d "$folder/$name" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/\1/p')
    [ -n "$soname" ] || { echo "sonames.sh: $folder/$name: no DT_SONAME; is it installed?" >&2; exit 1; }
    printf -- '-DTHAW_SONAME_%s=\\"%s\\" ' "$(echo "$package" | tr '[:lower:]' '[:upper:]')" "$soname"
done
