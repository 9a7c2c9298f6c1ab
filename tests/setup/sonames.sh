#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sonames.sh PACKAGE…: for each pkg-config package of one library the flag -DTHAW_SONAME_<PACKAGE>
# with that library's DT_SONAME, by which a program loads what it was built for. "." and "-" in a
# package's name become "_".
set -eu
for package in "$@"; do
    folder=$(pkg-config --variable=libdir "$package")
    name=$(pkg-config --libs-only-l "$package" | sed 's/^ *-l\([^ ]*\).*/lib\1.so/')
    soname=$(readelf -d "$folder/$name" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/\1/p')
    [ -n "$soname" ] || { echo "sonames.sh: $folder/$name: no DT_SONAME; is it installed?" >&2; exit 1; }
    printf -- '-DTHAW_SONAME_%s=\\"%s\\" ' "$(echo "$package" | tr '[:lower:].-' '[:upper:]__')" "$soname"
done
