/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names every record once, so that the object's type information describes them and
 * tests/unit/test_event_layout.c can compare both sides. Types that only local variables use
 * would not be in it.
 */
#include "emit.h"

union {
    const struct thaw_kernel_fork *fork;
    const struct thaw_kernel_exec *exec;
    const struct thaw_kernel_exit *exit;
    const struct thaw_kernel_import_begin *import_begin;
    const struct thaw_kernel_frame_end *frame_end;
    const struct thaw_kernel_body_begin *body_begin;
    const struct thaw_kernel_dlopen_begin *dlopen_begin;
    const struct thaw_kernel_file_open *file_open;
    const struct thaw_kernel_connect *connect;
    const struct thaw_kernel_socket_data *socket_data;
} thaw_layout;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
