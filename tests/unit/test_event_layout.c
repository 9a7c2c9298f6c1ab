/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides of the ring buffer read include/thaw/event.h, by two compilers for two targets: the
 * layout in the BPF object's own type information must be the one this program was compiled with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "thaw/event.h"

extern const char thaw_bpf_object[];
extern const char thaw_bpf_object_end[];

struct expected {
    const char *structure;
    const char *member; /* NULL: the whole struct */
    size_t bytes;       /* size of the struct, or offset of the member */
};

#define WHOLE(structure)                                                                           \
    {                                                                                              \
#structure, NULL, sizeof(struct structure)                                                 \
    }
#define MEMBER(structure, member)                                                                  \
    {                                                                                              \
#structure, #member, offsetof(struct structure, member)                                    \
    }

static const struct expected table[] = {
    WHOLE(thaw_kernel_header),
    MEMBER(thaw_kernel_header, size),
    MEMBER(thaw_kernel_header, time_ns),
    MEMBER(thaw_kernel_header, tgid),
    MEMBER(thaw_kernel_header, tid),
    WHOLE(thaw_kernel_fork),
    MEMBER(thaw_kernel_fork, parent),
    WHOLE(thaw_kernel_file),
    MEMBER(thaw_kernel_file, ctime_ns),
    MEMBER(thaw_kernel_file, size),
    MEMBER(thaw_kernel_file, device),
    WHOLE(thaw_kernel_library_open),
    MEMBER(thaw_kernel_library_open, file),
    MEMBER(thaw_kernel_library_open, descriptor),
    MEMBER(thaw_kernel_library_open, held),
    WHOLE(thaw_kernel_exec),
    MEMBER(thaw_kernel_exec, file),
    MEMBER(thaw_kernel_exec, control_group),
    MEMBER(thaw_kernel_exec, file_class),
    MEMBER(thaw_kernel_exec, held),
    MEMBER(thaw_kernel_exec, filename_bytes),
    MEMBER(thaw_kernel_exec, argument_bytes),
    MEMBER(thaw_kernel_exec, texts),
    WHOLE(thaw_kernel_exit),
    WHOLE(thaw_kernel_server),
    MEMBER(thaw_kernel_server, connection),
    MEMBER(thaw_kernel_server, idle_since_ns),
    MEMBER(thaw_kernel_server, busy_ns),
    MEMBER(thaw_kernel_server, acceptor),
    MEMBER(thaw_kernel_server, peer),
    MEMBER(thaw_kernel_server, port),
    MEMBER(thaw_kernel_server, family),
    MEMBER(thaw_kernel_server, local),
    MEMBER(thaw_kernel_server, outgoing),
    MEMBER(thaw_kernel_server, encrypted),
    WHOLE(thaw_kernel_host_file),
    MEMBER(thaw_kernel_host_file, what),
    WHOLE(thaw_kernel_process),
    MEMBER(thaw_kernel_process, host_files),
    MEMBER(thaw_kernel_process, listens),
    MEMBER(thaw_kernel_process, accepts),
    MEMBER(thaw_kernel_process, waiting),
    MEMBER(thaw_kernel_process, counts),
    MEMBER(thaw_kernel_process, requests),
    MEMBER(thaw_kernel_process, root),
    WHOLE(thaw_kernel_settings),
    MEMBER(thaw_kernel_settings, production),
    WHOLE(thaw_kernel_requests),
    MEMBER(thaw_kernel_requests, busy_ns),
    MEMBER(thaw_kernel_requests, in_flight),
    MEMBER(thaw_kernel_requests, most_in_flight),
    WHOLE(thaw_kernel_request_head),
    MEMBER(thaw_kernel_request_head, connection),
    MEMBER(thaw_kernel_request_head, head_bytes),
    MEMBER(thaw_kernel_request_head, head),
    WHOLE(thaw_kernel_change),
    MEMBER(thaw_kernel_change, set),
    MEMBER(thaw_kernel_change, requests),
    MEMBER(thaw_kernel_change, found),
    MEMBER(thaw_kernel_exit, counts),
    MEMBER(thaw_kernel_exit, requests),
    MEMBER(thaw_kernel_exit, status),
    WHOLE(thaw_kernel_counts),
    MEMBER(thaw_kernel_counts, read_bytes),
    MEMBER(thaw_kernel_counts, threads),
    MEMBER(thaw_kernel_counts, mapped_libraries),
    MEMBER(thaw_kernel_counts, mapped_beyond),
    WHOLE(thaw_kernel_import_begin),
    MEMBER(thaw_kernel_import_begin, usage),
    MEMBER(thaw_kernel_import_begin, strand),
    MEMBER(thaw_kernel_import_begin, lazy),
    MEMBER(thaw_kernel_import_begin, stack),
    MEMBER(thaw_kernel_import_begin, name_bytes),
    MEMBER(thaw_kernel_import_begin, name_width),
    MEMBER(thaw_kernel_import_begin, name),
    WHOLE(thaw_kernel_strand_begin),
    MEMBER(thaw_kernel_strand_begin, parent_stack),
    MEMBER(thaw_kernel_strand_begin, parent),
    MEMBER(thaw_kernel_strand_begin, strand),
    MEMBER(thaw_kernel_strand_begin, split),
    WHOLE(thaw_kernel_module_init),
    MEMBER(thaw_kernel_module_init, usage),
    MEMBER(thaw_kernel_module_init, stack),
    MEMBER(thaw_kernel_module_init, name_bytes),
    MEMBER(thaw_kernel_module_init, single_phase),
    MEMBER(thaw_kernel_module_init, strand),
    MEMBER(thaw_kernel_module_init, name),
    WHOLE(thaw_kernel_frame_end),
    MEMBER(thaw_kernel_frame_end, usage),
    MEMBER(thaw_kernel_frame_end, strand),
    MEMBER(thaw_kernel_frame_end, stack),
    MEMBER(thaw_kernel_frame_end, failed),
    WHOLE(thaw_kernel_body_begin),
    MEMBER(thaw_kernel_body_begin, usage),
    MEMBER(thaw_kernel_body_begin, strand),
    MEMBER(thaw_kernel_body_begin, stack),
    MEMBER(thaw_kernel_body_begin, name_bytes),
    MEMBER(thaw_kernel_body_begin, file_bytes),
    MEMBER(thaw_kernel_body_begin, name_width),
    MEMBER(thaw_kernel_body_begin, file_width),
    MEMBER(thaw_kernel_body_begin, own),
    MEMBER(thaw_kernel_body_begin, texts),
    WHOLE(thaw_kernel_dlopen_begin),
    MEMBER(thaw_kernel_dlopen_begin, usage),
    MEMBER(thaw_kernel_dlopen_begin, strand),
    MEMBER(thaw_kernel_dlopen_begin, stack),
    MEMBER(thaw_kernel_dlopen_begin, path_bytes),
    MEMBER(thaw_kernel_dlopen_begin, path),
    WHOLE(thaw_kernel_file_open),
    MEMBER(thaw_kernel_file_open, usage),
    MEMBER(thaw_kernel_file_open, stack),
    MEMBER(thaw_kernel_file_open, strand),
    MEMBER(thaw_kernel_file_open, result),
    MEMBER(thaw_kernel_file_open, bytes),
    MEMBER(thaw_kernel_file_open, for_writing),
    MEMBER(thaw_kernel_file_open, is_folder),
    MEMBER(thaw_kernel_file_open, path_bytes),
    MEMBER(thaw_kernel_file_open, path),
    WHOLE(thaw_kernel_usage),
    MEMBER(thaw_kernel_usage, runqueue_ns),
    MEMBER(thaw_kernel_usage, sleep_ns),
    MEMBER(thaw_kernel_usage, disk_bytes),
    MEMBER(thaw_kernel_usage, read_bytes),
    MEMBER(thaw_kernel_usage, memory_bytes),
    MEMBER(thaw_kernel_usage, minor_faults),
    MEMBER(thaw_kernel_usage, major_faults),
    WHOLE(thaw_kernel_file_close),
    MEMBER(thaw_kernel_file_close, usage),
    MEMBER(thaw_kernel_file_close, stack),
    MEMBER(thaw_kernel_file_close, bytes),
    MEMBER(thaw_kernel_file_close, head),
    MEMBER(thaw_kernel_file_close, strand),
    WHOLE(thaw_kernel_lookups),
    MEMBER(thaw_kernel_lookups, usage),
    MEMBER(thaw_kernel_lookups, last_ns),
    MEMBER(thaw_kernel_lookups, bytes),
    MEMBER(thaw_kernel_lookups, mtime_s),
    MEMBER(thaw_kernel_lookups, count),
    MEMBER(thaw_kernel_lookups, failed),
    MEMBER(thaw_kernel_lookups, searched),
    MEMBER(thaw_kernel_lookups, strand),
    WHOLE(thaw_kernel_lookup),
    MEMBER(thaw_kernel_lookup, result),
    MEMBER(thaw_kernel_lookup, path_bytes),
    MEMBER(thaw_kernel_lookup, strand),
    MEMBER(thaw_kernel_lookup, path),
    WHOLE(thaw_kernel_folder),
    MEMBER(thaw_kernel_folder, number),
    MEMBER(thaw_kernel_folder, after),
    MEMBER(thaw_kernel_folder, path_bytes),
    MEMBER(thaw_kernel_folder, path),
    WHOLE(thaw_kernel_effect),
    MEMBER(thaw_kernel_effect, stack),
    MEMBER(thaw_kernel_effect, result),
    MEMBER(thaw_kernel_effect, value),
    MEMBER(thaw_kernel_effect, second_value),
    MEMBER(thaw_kernel_effect, strand),
    MEMBER(thaw_kernel_effect, what),
    MEMBER(thaw_kernel_effect, first_bytes),
    MEMBER(thaw_kernel_effect, second_bytes),
    MEMBER(thaw_kernel_effect, inherited),
    MEMBER(thaw_kernel_effect, last),
    MEMBER(thaw_kernel_effect, texts),
    WHOLE(thaw_kernel_connect),
    MEMBER(thaw_kernel_connect, result),
    MEMBER(thaw_kernel_connect, socket),
    MEMBER(thaw_kernel_connect, port),
    MEMBER(thaw_kernel_connect, family),
    WHOLE(thaw_kernel_socket_data),
    MEMBER(thaw_kernel_socket_data, enter_ns),
    MEMBER(thaw_kernel_socket_data, socket),
    MEMBER(thaw_kernel_socket_data, length),
    MEMBER(thaw_kernel_socket_data, captured),
    MEMBER(thaw_kernel_socket_data, port),
    MEMBER(thaw_kernel_socket_data, outgoing),
    MEMBER(thaw_kernel_socket_data, unsure),
    MEMBER(thaw_kernel_socket_data, untold),
    MEMBER(thaw_kernel_socket_data, bytes),
    WHOLE(thaw_kernel_sample),
    MEMBER(thaw_kernel_sample, address),
    MEMBER(thaw_kernel_sample, stack),
    MEMBER(thaw_kernel_sample, strand),
    MEMBER(thaw_kernel_sample, in_kernel),
    WHOLE(thaw_kernel_vm_event),
    MEMBER(thaw_kernel_vm_event, value),
    MEMBER(thaw_kernel_vm_event, size),
    MEMBER(thaw_kernel_vm_event, what),
    MEMBER(thaw_kernel_vm_event, port),
    WHOLE(thaw_kernel_vm),
    MEMBER(thaw_kernel_vm, ports),
    MEMBER(thaw_kernel_vm, marks),
    MEMBER(thaw_kernel_vm, exits),
    MEMBER(thaw_kernel_vm, ends),
    MEMBER(thaw_kernel_vm, memories),
    MEMBER(thaw_kernel_vm, steps),
    MEMBER(thaw_kernel_vm, ran),
    WHOLE(thaw_kernel_console_line),
    MEMBER(thaw_kernel_console_line, last_ns),
    MEMBER(thaw_kernel_console_line, text_bytes),
    MEMBER(thaw_kernel_console_line, text),
    WHOLE(thaw_kernel_sampling),
    MEMBER(thaw_kernel_sampling, stacks),
    WHOLE(thaw_python_layout),
    MEMBER(thaw_python_layout, code_name),
    MEMBER(thaw_python_layout, text_compact_data),
    MEMBER(thaw_python_layout, dict_keys_format),
    MEMBER(thaw_python_layout, identifier),
    MEMBER(thaw_python_layout, lazy_submodule),
};

/* Offset of a member in bytes, -1 when the type has none of that name. */
static long member_offset(const struct btf *btf, const struct btf_type *type, const char *name)
{
    const struct btf_member *members = btf_members(type);

    for (unsigned i = 0; i < btf_vlen(type); i++) {
        if (strcmp(btf__name_by_offset(btf, members[i].name_off), name) == 0)
            return btf_member_bit_offset(type, i) / 8;
    }
    return -1;
}

static void both_sides_agree(void **state)
{
    struct bpf_object *object;
    const struct btf *btf;

    (void)state;
    object = bpf_object__open_mem(thaw_bpf_object, (size_t)(thaw_bpf_object_end - thaw_bpf_object),
                                  NULL);
    assert_non_null(object);
    btf = bpf_object__btf(object);
    assert_non_null(btf);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int id = btf__find_by_name_kind(btf, table[i].structure, BTF_KIND_STRUCT);
        const struct btf_type *type;

        if (id < 0)
            fail_msg("struct %s is not in the BPF object", table[i].structure);
        type = btf__type_by_id(btf, (unsigned)id);
        if (!table[i].member && type->size != table[i].bytes)
            fail_msg("struct %s: %u bytes in the kernel, %zu here", table[i].structure, type->size,
                     table[i].bytes);
        if (table[i].member && member_offset(btf, type, table[i].member) != (long)table[i].bytes)
            fail_msg("%s.%s: at %ld in the kernel, %zu here", table[i].structure, table[i].member,
                     member_offset(btf, type, table[i].member), table[i].bytes);
    }
    bpf_object__close(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_sides_agree)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
