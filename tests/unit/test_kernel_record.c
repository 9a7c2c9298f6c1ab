/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "capture/kernel_record.h"

static union thaw_kernel_record record;
static struct thaw_arena arena;
static struct thaw_event event;

static void fill_header(unsigned kind)
{
    memset(&record, 0, sizeof(record));
    record.header.kind = (thaw_u16)kind;
    record.header.time_ns = 1234;
    record.header.tgid = 7;
    record.header.tid = 8;
}

static void begin_import(const void *name, size_t bytes, unsigned width)
{
    fill_header(THAW_KERNEL_IMPORT_BEGIN);
    record.import_begin.stack = 99;
    record.import_begin.name_bytes = (thaw_u16)bytes;
    record.import_begin.name_width = (thaw_u8)width;
    memcpy(record.import_begin.name, name, bytes);
}

static const char *imported_name(const void *name, size_t bytes, unsigned width)
{
    begin_import(name, bytes, width);
    assert_non_null(thaw_kernel_record_check(&record, 104 + bytes));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_IMPORT_BEGIN);
    return event.import_begin.name;
}

static void names_of_every_width_become_utf8(void **state)
{
    static const uint16_t two[] = {0x65, 0x3b1, 0x4e2d};
    static const uint32_t four[] = {0x1f40d, 0x61};
    static const uint16_t surrogate[] = {0xd800, 0x61};
    static const uint32_t beyond[] = {0x110000};

    (void)state;
    assert_string_equal(imported_name("json.decoder", 12, 1), "json.decoder");
    assert_string_equal(imported_name("caf\xe9", 4, 1), "caf\xc3\xa9");
    assert_string_equal(imported_name(two, sizeof(two), 2), "e\xce\xb1\xe4\xb8\xad");
    assert_string_equal(imported_name(four, sizeof(four), 4), "\xf0\x9f\x90\x8d"
                                                              "a");
    assert_string_equal(imported_name(surrogate, sizeof(surrogate), 2), "\xef\xbf\xbd"
                                                                        "a");
    assert_string_equal(imported_name(beyond, sizeof(beyond), 4), "\xef\xbf\xbd");
    assert_string_equal(imported_name("unread", 6, 0), "");
    assert_string_equal(imported_name("a\0b", 3, 1), "a?b");
    assert_int_equal(event.time_ns, 1234);
    assert_int_equal(event.pid, 7);
    assert_int_equal(event.tid, 8);
    assert_int_equal(event.import_begin.stack, 99);
}

static void lengths_that_lead_out_are_refused(void **state)
{
    static const unsigned kinds[] = {
        THAW_KERNEL_FORK,         THAW_KERNEL_EXEC,         THAW_KERNEL_EXIT,
        THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_IMPORT_END,   THAW_KERNEL_BODY_BEGIN,
        THAW_KERNEL_BODY_END,     THAW_KERNEL_DLOPEN_BEGIN, THAW_KERNEL_DLOPEN_END,
        THAW_KERNEL_FILE_OPEN,    THAW_KERNEL_CONNECT,      THAW_KERNEL_SOCKET_DATA,
        THAW_KERNEL_STRAND_BEGIN, THAW_KERNEL_MODULE_INIT,  THAW_KERNEL_MODULE_INIT_END,
        THAW_KERNEL_MODULE_MADE,  THAW_KERNEL_GC_BEGIN,     THAW_KERNEL_GC_END,
        THAW_KERNEL_LIBRARY_OPEN, THAW_KERNEL_LAZY_BEGIN,   THAW_KERNEL_FILE_CLOSE,
        THAW_KERNEL_LOOKUPS,      THAW_KERNEL_LOOKUP,       THAW_KERNEL_FOLDER,
        THAW_KERNEL_UNMARSHAL,    THAW_KERNEL_MARSHAL,      THAW_KERNEL_RELOCATED,
        THAW_KERNEL_EFFECT,       THAW_KERNEL_SAMPLE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        fill_header(kinds[i]);
        assert_non_null(thaw_kernel_record_check(&record, sizeof(record)));
        for (size_t size = 0; size < sizeof(struct thaw_kernel_header); size++)
            assert_null(thaw_kernel_record_check(&record, size));
        assert_null(thaw_kernel_record_check(&record, 28));
    }
    fill_header(THAW_KERNEL_EXEC);
    record.exec.filename_bytes = 5;
    record.exec.argument_bytes = 60000;
    assert_null(thaw_kernel_record_check(&record, sizeof(record.exec)));
    fill_header(THAW_KERNEL_BODY_BEGIN);
    record.body_begin.name_bytes = 10;
    record.body_begin.file_bytes = 20;
    assert_non_null(thaw_kernel_record_check(&record, 104 + 30));
    assert_null(thaw_kernel_record_check(&record, 104 + 29));
    fill_header(THAW_KERNEL_SOCKET_DATA);
    record.socket_data.captured = 4096;
    assert_null(thaw_kernel_record_check(&record, 56 + 4095));
    record.socket_data.captured = 0xffffffffu;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
    begin_import("json", 4, 3);
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
    fill_header(4711);
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
}

static void a_body_has_a_name_and_a_file(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_BODY_BEGIN);
    record.body_begin.name_bytes = 3;
    record.body_begin.name_width = 1;
    record.body_begin.file_bytes = 5;
    record.body_begin.file_width = 1;
    record.body_begin.own = 1;
    memcpy(record.body_begin.texts, "app/a.py", 8);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_string_equal(event.body_begin.name, "app");
    assert_string_equal(event.body_begin.file, "/a.py");
    assert_int_equal(event.body_begin.own, 1);
}

static const thaw_u16 init_kinds[] = {THAW_KERNEL_MODULE_INIT, THAW_KERNEL_MODULE_MADE};

static void a_module_is_initialised_or_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fill_header(init_kinds[i]);
        record.module_init.stack = 99;
        record.module_init.name_bytes = 4;
        record.module_init.name_width = 2;
        record.module_init.single_phase = 1;
        record.module_init.strand = 3;
        memcpy(record.module_init.name, "\xe9\x00\xb1\x03", 4);
        assert_non_null(thaw_kernel_record_check(&record, 96 + 4));
        assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
        if (i) {
            assert_int_equal(event.kind, THAW_EVENT_MODULE_MADE);
            assert_string_equal(event.module_made.name, "\xc3\xa9\xce\xb1");
            assert_int_equal(event.module_made.stack, 99);
            assert_int_equal(event.module_made.strand, 3);
        } else {
            assert_int_equal(event.kind, THAW_EVENT_MODULE_INIT);
            assert_string_equal(event.module_init.name, "\xc3\xa9\xce\xb1");
            assert_int_equal(event.module_init.stack, 99);
            assert_int_equal(event.module_init.single_phase, 1);
            assert_int_equal(event.module_init.strand, 3);
        }
    }
}

static void the_code_of_a_module_ends(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_MODULE_INIT_END);
    record.frame_end.stack = 99;
    record.frame_end.failed = 1;
    record.frame_end.strand = 3;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_MODULE_INIT_END);
    assert_int_equal(event.module_init_end.stack, 99);
    assert_int_equal(event.module_init_end.failed, 1);
    assert_int_equal(event.module_init_end.strand, 3);
}

static void a_strand_has_a_place_where_it_begins(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_STRAND_BEGIN);
    record.strand_begin.parent_stack = UINT64_MAX;
    record.strand_begin.parent = 2;
    record.strand_begin.strand = UINT32_MAX;
    record.strand_begin.split = 1;
    assert_null(thaw_kernel_record_check(&record, 47));
    assert_non_null(thaw_kernel_record_check(&record, 48));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_STRAND_BEGIN);
    assert_int_equal(event.strand_begin.parent_stack, UINT64_MAX);
    assert_int_equal(event.strand_begin.parent, 2);
    assert_int_equal(event.strand_begin.strand, UINT32_MAX);
    assert_int_equal(event.strand_begin.split, 1);
}

static void a_lazy_import_has_a_function_and_a_file(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_LAZY_BEGIN);
    record.body_begin.stack = 99;
    record.body_begin.name_bytes = 3;
    record.body_begin.name_width = 1;
    record.body_begin.file_bytes = 8;
    record.body_begin.file_width = 2;
    record.body_begin.strand = 3;
    memcpy(record.body_begin.texts, "A.b/\0a\0\xb1\x03x\0", 11);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_LAZY_BEGIN);
    assert_string_equal(event.lazy_begin.function, "A.b");
    assert_string_equal(event.lazy_begin.file, "/a\xce\xb1x");
    assert_int_equal(event.lazy_begin.stack, 99);
    assert_int_equal(event.lazy_begin.strand, 3);
}

static void texts_of_the_new_kinds_lead_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fill_header(init_kinds[i]);
        record.module_init.name_width = 1;
        record.module_init.name_bytes = 256;
        assert_non_null(thaw_kernel_record_check(&record, sizeof(record.module_init)));
        assert_null(thaw_kernel_record_check(&record, sizeof(record.module_init) - 1));
        record.module_init.name_bytes = UINT16_MAX;
        assert_null(thaw_kernel_record_check(&record, sizeof(record)));
        record.module_init.name_bytes = 4;
        for (unsigned width = 0; width < 256; width++) {
            record.module_init.name_width = (thaw_u8)width;
            assert_true(!thaw_kernel_record_check(&record, sizeof(record)) ==
                        (width > 2 && width != 4));
        }
    }
    fill_header(THAW_KERNEL_LAZY_BEGIN);
    record.body_begin.name_bytes = UINT16_MAX;
    record.body_begin.file_bytes = UINT16_MAX;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
    record.body_begin.name_bytes = 8;
    record.body_begin.file_bytes = 8;
    record.body_begin.name_width = record.body_begin.file_width = 4;
    assert_non_null(thaw_kernel_record_check(&record, 104 + 16));
    assert_null(thaw_kernel_record_check(&record, 104 + 15));
    record.body_begin.file_width = 3;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
    fill_header(THAW_KERNEL_LIBRARY_OPEN);
    assert_non_null(thaw_kernel_record_check(&record, 72));
    assert_null(thaw_kernel_record_check(&record, 71));
}

static void a_file_that_is_closed_has_the_head_of_bytecode(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_FILE_CLOSE);
    record.file_close.stack = 99;
    record.file_close.bytes = UINT64_MAX;
    for (unsigned i = 0; i < 4; i++)
        record.file_close.head[i] = UINT32_MAX - i;
    record.file_close.strand = 3;
    assert_null(thaw_kernel_record_check(&record, 119));
    assert_non_null(thaw_kernel_record_check(&record, 120));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FILE_CLOSE);
    assert_int_equal(event.file_close.bytes, UINT64_MAX);
    assert_int_equal(event.file_close.magic, UINT32_MAX);
    assert_int_equal(event.file_close.flags, UINT32_MAX - 1);
    assert_int_equal(event.file_close.source_mtime_s, UINT32_MAX - 2);
    assert_int_equal(event.file_close.source_bytes, UINT32_MAX - 3);
    assert_int_equal(event.file_close.stack, 99);
    assert_int_equal(event.file_close.strand, 3);
}

static void lookups_are_counted(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_LOOKUPS);
    record.lookups.stack = 99;
    record.lookups.last_ns = 1200;
    record.lookups.bytes = 200;
    record.lookups.mtime_s = 7;
    record.lookups.count = 5;
    record.lookups.failed = 4;
    record.lookups.searched = 3;
    record.lookups.strand = 2;
    assert_null(thaw_kernel_record_check(&record, 127));
    assert_non_null(thaw_kernel_record_check(&record, 128));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FILE_LOOKUPS);
    assert_int_equal(event.file_lookups.stack, 99);
    assert_int_equal(event.file_lookups.last_ns, 1200);
    assert_int_equal(event.file_lookups.bytes, 200);
    assert_int_equal(event.file_lookups.mtime_s, 7);
    assert_int_equal(event.file_lookups.count, 5);
    assert_int_equal(event.file_lookups.failed, 4);
    assert_int_equal(event.file_lookups.searched, 3);
    assert_int_equal(event.file_lookups.strand, 2);
}

/* Paths end at their NUL, or with their bytes where there is none. */
static void a_lookup_has_a_path(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_LOOKUP);
    record.lookup.result = -2;
    record.lookup.stack = 99;
    record.lookup.strand = 3;
    record.lookup.path_bytes = 8;
    memcpy(record.lookup.path, "/s/m\0abcdef", 12);
    assert_null(thaw_kernel_record_check(&record, 48 + 7));
    assert_non_null(thaw_kernel_record_check(&record, 48 + 8));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FILE_LOOKUP);
    assert_string_equal(event.file_lookup.path, "/s/m");
    assert_int_equal(event.file_lookup.result, -2);
    assert_int_equal(event.file_lookup.stack, 99);
    assert_int_equal(event.file_lookup.strand, 3);
    record.lookup.path_bytes = 3;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_string_equal(event.file_lookup.path, "/s/");
    record.lookup.path_bytes = THAW_KERNEL_PATH_BYTES + 1;
    assert_null(thaw_kernel_record_check(&record, sizeof(record.lookup)));
    record.lookup.path_bytes = UINT16_MAX;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
}

static void a_folder_has_a_number_and_one_before(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_FOLDER);
    record.folder.number = UINT32_MAX;
    record.folder.after = 7;
    record.folder.path_bytes = 3;
    memcpy(record.folder.path, "/s", 3);
    assert_null(thaw_kernel_record_check(&record, 40 + 2));
    assert_non_null(thaw_kernel_record_check(&record, 40 + 3));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FILE_FOLDER);
    assert_int_equal(event.file_folder.number, UINT32_MAX);
    assert_int_equal(event.file_folder.after, 7);
    assert_string_equal(event.file_folder.path, "/s");
    record.folder.path_bytes = UINT16_MAX;
    assert_null(thaw_kernel_record_check(&record, sizeof(record)));
}

/* Where each kind has what its thread has used: behind the header. */
static void usage_is_that_of_the_record(void **state)
{
    static const thaw_u16 kinds[] = {
        THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_IMPORT_END,   THAW_KERNEL_BODY_BEGIN,
        THAW_KERNEL_BODY_END,     THAW_KERNEL_DLOPEN_BEGIN, THAW_KERNEL_DLOPEN_END,
        THAW_KERNEL_FILE_OPEN,    THAW_KERNEL_GC_BEGIN,     THAW_KERNEL_GC_END,
        THAW_KERNEL_MODULE_INIT,  THAW_KERNEL_MODULE_MADE,  THAW_KERNEL_MODULE_INIT_END,
        THAW_KERNEL_LAZY_BEGIN,   THAW_KERNEL_FILE_CLOSE,   THAW_KERNEL_LOOKUPS,
        THAW_KERNEL_UNMARSHAL,    THAW_KERNEL_MARSHAL,      THAW_KERNEL_RELOCATED,
    };
    static const thaw_u16 without[] = {THAW_KERNEL_LOOKUP, THAW_KERNEL_FOLDER,
                                       THAW_KERNEL_STRAND_BEGIN};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        fill_header(kinds[i]);
        record.frame_end.usage = (struct thaw_kernel_usage){
            UINT64_MAX, 2, 3, 4, 5, 6, UINT32_MAX, 8,
        };
        assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
        assert_int_equal(event.usage.io_ns, UINT64_MAX);
        assert_int_equal(event.usage.runqueue_ns, 2);
        assert_int_equal(event.usage.sleep_ns, 3);
        assert_int_equal(event.usage.disk_bytes, 4);
        assert_int_equal(event.usage.read_bytes, 5);
        assert_int_equal(event.usage.memory_bytes, 6);
        assert_int_equal(event.usage.minor_faults, UINT32_MAX);
        assert_int_equal(event.usage.major_faults, 8);
    }
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
        static const struct thaw_usage none;

        memset(&record, 0xff, sizeof(record));
        record.header.kind = without[i];
        record.lookup.path_bytes = record.folder.path_bytes = 0;
        assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
        assert_memory_equal(&event.usage, &none, sizeof(none));
    }
}

static void an_exit_is_a_code_or_a_signal(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_EXIT);
    record.exit.status = 3 << 8;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.process_exit.code, 3);
    assert_int_equal(event.process_exit.signal, 0);
    record.exit.status = 9 | 0x80;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.process_exit.code, 0);
    assert_int_equal(event.process_exit.signal, 9);
}

static void a_server_listens_accepts_and_answers(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_LISTEN);
    record.server.port = 8000;
    record.server.family = 10;
    assert_null(thaw_kernel_record_check(&record, 63));
    assert_non_null(thaw_kernel_record_check(&record, 64));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_LISTEN);
    assert_int_equal(event.listen.port, 8000);
    assert_int_equal(event.listen.family, 10);
    fill_header(THAW_KERNEL_ACCEPT);
    record.server.port = 8000;
    record.server.connection = 3;
    record.server.idle_since_ns = 5;
    record.server.busy_ns = 6;
    record.server.local = 1;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_ACCEPT);
    assert_int_equal(event.accept.connection, 3);
    assert_int_equal(event.accept.port, 8000);
    assert_int_equal(event.accept.idle_since_ns, 5);
    assert_int_equal(event.accept.busy_ns, 6);
    assert_int_equal(event.accept.local, 1);
    fill_header(THAW_KERNEL_FIRST_BYTES);
    record.server.connection = 3;
    record.server.acceptor = 17;
    record.server.peer = 18;
    record.server.outgoing = 1;
    record.server.encrypted = 1;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_FIRST_BYTES);
    assert_int_equal(event.first_bytes.connection, 3);
    assert_int_equal(event.first_bytes.acceptor, 17);
    assert_int_equal(event.first_bytes.peer, 18);
    assert_int_equal(event.first_bytes.outgoing, 1);
    assert_int_equal(event.first_bytes.encrypted, 1);
}

/* Only which of the known files it was; one of a newer table is passed over. */
static void a_host_opens_a_file(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_HOST_FILE);
    record.host_file.what = THAW_KERNEL_HOST_RUNTIME;
    assert_null(thaw_kernel_record_check(&record, 31));
    assert_non_null(thaw_kernel_record_check(&record, 32));
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_HOST_FILE);
    assert_string_equal(event.host_file.file, "libcoreclr.so");
    for (unsigned i = 1; i < THAW_KERNEL_HOST_FILE_KINDS; i++) {
        record.host_file.what = i;
        assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
        assert_true(*event.host_file.file);
    }
    record.host_file.what = 0;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
    record.host_file.what = THAW_KERNEL_HOST_FILE_KINDS;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
    record.host_file.what = UINT32_MAX;
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
}

static void what_needs_more_than_its_record_is_left_to_others(void **state)
{
    (void)state;
    fill_header(THAW_KERNEL_EXEC);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
    fill_header(THAW_KERNEL_SOCKET_DATA);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
    fill_header(THAW_KERNEL_LIBRARY_OPEN);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
}

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_every_width_become_utf8),
        cmocka_unit_test(lengths_that_lead_out_are_refused),
        cmocka_unit_test(a_body_has_a_name_and_a_file),
        cmocka_unit_test(a_module_is_initialised_or_made),
        cmocka_unit_test(the_code_of_a_module_ends),
        cmocka_unit_test(a_strand_has_a_place_where_it_begins),
        cmocka_unit_test(a_lazy_import_has_a_function_and_a_file),
        cmocka_unit_test(texts_of_the_new_kinds_lead_nowhere_else),
        cmocka_unit_test(a_file_that_is_closed_has_the_head_of_bytecode),
        cmocka_unit_test(lookups_are_counted),
        cmocka_unit_test(a_lookup_has_a_path),
        cmocka_unit_test(a_folder_has_a_number_and_one_before),
        cmocka_unit_test(usage_is_that_of_the_record),
        cmocka_unit_test(an_exit_is_a_code_or_a_signal),
        cmocka_unit_test(a_server_listens_accepts_and_answers),
        cmocka_unit_test(a_host_opens_a_file),
        cmocka_unit_test(what_needs_more_than_its_record_is_left_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, free_arena);
}
