#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dependencies.sh PURPOSE…   (build, demo, check): installs the Debian 12 packages that are missing.
# DEPS=yes (default) says what it installs and does it, through sudo when not root.
# DEPS=no prints the command and fails when something is missing; DEPS=skip does not look.
set -eu

declare -A packages=(
    [build]="clang llvm bpftool gcc libc6-dev make pkg-config libbpf-dev libelf-dev libjansson-dev
             libcapstone-dev libxxhash-dev uthash-dev libsmartcols-dev libcap-ng-dev
             libunwind-dev libzip-dev libsqlite3-dev libcurl4-openssl-dev libmicrohttpd-dev
             libseccomp-dev libyaml-dev"
    [demo]="python3.11 python3.11-venv"
    [check]="libcmocka-dev libdw-dev clang-format libclang-rt-14-dev python3-jsonschema
             python3-yaml openssl
             python3.11-dev procps strace valgrind crun groff-base man-db mandoc zsh fish qemu-system-x86 sqlite3 busybox-static cpio zstd chromium chromium-driver
             fonts-dejavu-core"
)

[ "${DEPS:=yes}" = skip ] && exit 0

wanted=()
for purpose in "$@"; do
    # shellcheck disable=SC2206  # a list of words
    wanted+=(${packages[$purpose]:?"unknown purpose '$purpose'"})
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not a Debian system. Install what these Debian 12 packages hold, then run" \
        "make with DEPS=skip: ${wanted[*]}" >&2
    exit 1
fi

# A status line for each known package; those never heard of go to stderr and are missing too.
installed=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' "${wanted[@]}" 2>/dev/null || true)"
missing=()
for package in "${wanted[@]}"; do
    [[ $installed == *" $package=installed "* ]] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

elevate=""
[ "$(id -u)" = 0 ] || elevate="sudo "
install="${elevate}apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$DEPS" = no ]; then
    echo "Debian packages are missing. \`make dependencies\` installs them, or yourself:" >&2
    echo "  ${elevate}apt-get update && $install" >&2
    exit 1
fi
if [ -n "$elevate" ] && ! command -v sudo >/dev/null; then
    echo "Debian packages are missing, and there is no sudo here. As root, run:" >&2
    echo "  apt-get update && ${install#sudo }" >&2
    exit 1
fi

echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
quiet=-q # apt shows progress on a terminal only
[ -t 1 ] || quiet=-qq
${elevate}apt-get update $quiet
${elevate}env DEBIAN_FRONTEND=noninteractive apt-get install $quiet -y --no-install-recommends \
    "${missing[@]}"
