/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_KERNEL_RECORD_H
#define THAW_CAPTURE_KERNEL_RECORD_H

#include <stddef.h>

#include "base/arena.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/* A record from the kernel after its bounds were checked: which of these it is, says kind. */
union thaw_kernel_record {
    struct thaw_kernel_header header;
    struct thaw_kernel_fork fork;
    struct thaw_kernel_exec exec;
    struct thaw_kernel_exit exit;
    struct thaw_kernel_import_begin import_begin;
    struct thaw_kernel_library_open library_open;
    struct thaw_kernel_strand_begin strand_begin;
    struct thaw_kernel_module_init module_init;
    struct thaw_kernel_frame_end frame_end;
    struct thaw_kernel_body_begin body_begin;
    struct thaw_kernel_dlopen_begin dlopen_begin;
    struct thaw_kernel_file_open file_open;
    struct thaw_kernel_file_close file_close;
    struct thaw_kernel_lookups lookups;
    struct thaw_kernel_lookup lookup;
    struct thaw_kernel_folder folder;
    struct thaw_kernel_effect effect;
    struct thaw_kernel_connect connect;
    struct thaw_kernel_socket_data socket_data;
    struct thaw_kernel_sample sample;
    struct thaw_kernel_server server;
    struct thaw_kernel_host_file host_file;
    struct thaw_kernel_request_head request_head;
    struct thaw_kernel_vm_event vm;
    struct thaw_kernel_console_line console_line;
};

/*
 * Puts in what a record was sent without, as 0: into room, of which that many bytes are returned in
 * *size then. Returns the record itself where it lacks nothing, or is none.
 */
const void *thaw_kernel_record_whole(const void *bytes, size_t *size,
                                     union thaw_kernel_record *room);

/*
 * Checks that size bytes hold a whole record of their kind with all its texts, and that no length
 * in it leads out of it. Returns it, or NULL when it is not one (counted as lost by the caller).
 */
const union thaw_kernel_record *thaw_kernel_record_check(const void *bytes, size_t size);

/*
 * Makes the stored event of a record that is stored as it is. Texts are put into arena as UTF-8
 * where Python had characters, as bytes otherwise. Returns 1 when *ret is to be stored, 0 for
 * kinds that need more than their own record (exec, library, connect, socket data), -ENOMEM.
 */
int thaw_kernel_record_event(const union thaw_kernel_record *record, struct thaw_arena *arena,
                             struct thaw_event *ret);

#endif
