/* SPDX-License-Identifier: Apache-2.0 */
/* What is put into a recording about native code when it closes: names, and calls of stacks. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture/code_names.h"
#include "capture/stacks.h"
#include "chaos_malloc.h"
#include "scratch.h"

#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"
#define STACK_BYTES 4096

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_recording *parse(const char *lines)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};
    char *text = NULL;

    assert_true(asprintf(&text, "thaw-recording-text 1\n%s", lines) > 0);
    if (thaw_recording_parse(text, strlen(text), &recording, &error) < 0)
        fail_msg("%s", error.message);
    free(text);
    return recording;
}

static struct thaw_recording_writer *open_writer(void)
{
    struct thaw_recording_writer *writer = NULL;

    assert_int_equal(
        thaw_recording_writer_open(scratch_path(&scratch, "closing.thaw"), &writer, NULL), 0);
    return writer;
}

/* What was written; its writer is closed. */
static struct thaw_recording *read_back(struct thaw_recording_writer *writer)
{
    struct thaw_recording *recording = NULL;

    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    assert_int_equal(thaw_recording_load(scratch_path(&scratch, "closing.thaw"), &recording, NULL),
                     0);
    return recording;
}

/* Where a function of the C library lies in its file, for all to see; 0: there is no nm. */
static uint64_t offset_in_libc(const char *name)
{
    char *text = scratch_output("nm -D --defined-only %s | awk '$3 ~ /^%s@@/ { print $1; exit }'",
                                LIBC, name);
    uint64_t address = text ? strtoull(text, NULL, 16) : 0;

    free(text);
    if (!address) {
        print_message("skip: there is no nm (binutils)\n");
        skip();
    }
    return address; /* its code lies in the file where it is loaded */
}

/* Process 1 and its child have the library at 1 << 32, 3 runs elsewhere. */
static struct thaw_recording *sampled(uint64_t read_at, uint64_t qsort_at)
{
    struct thaw_recording *recording;
    uint64_t base = (uint64_t)1 << 32;
    char *lines = NULL;

    assert_true(
        asprintf(&lines,
                 "1 mapping pid=1 tid=1 path=\"" LIBC "\" start=%" PRIu64 " bytes=16000000\n"
                 "1 mapping pid=1 tid=1 path=\"/nonexistent.so\" start=4096 bytes=4096\n"
                 "1 mapping pid=1 tid=1 path=\"//anon\" start=8192 bytes=4096\n"
                 "2 sample pid=1 tid=1 address=%" PRIu64 "\n"
                 "2 sample pid=1 tid=1 address=%" PRIu64 "\n"
                 "2 sample pid=1 tid=1 address=5000\n"
                 "2 sample pid=1 tid=1 address=9000\n"
                 "2 sample pid=1 tid=1 address=1\n"
                 "3 process.fork pid=2 tid=2 parent=1\n"
                 "4 sample pid=2 tid=2 address=%" PRIu64 "\n"
                 "5 interpreter pid=3 tid=3 other_root=1\n"
                 "5 mapping pid=3 tid=3 path=\"/bin/true\" start=4096 bytes=100000\n"
                 "6 sample pid=3 tid=3 address=20000\n"
                 "7 call number=1 path=\"" LIBC "\" offset=%" PRIu64 "\n"
                 "8 call number=2 path=\"\" offset=77\n",
                 base, base + read_at, base + read_at + 1, base + read_at, qsort_at + 1) > 0);
    recording = parse(lines);
    free(lines);
    return recording;
}

static void each_function_is_named_once(void **state)
{
    struct thaw_recording *recording = sampled(offset_in_libc("read"), offset_in_libc("qsort"));
    struct thaw_elsewhere elsewhere = {0};
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_recording *written;
    bool seen_read = false, seen_qsort = false;

    (void)state;
    assert_int_equal(thaw_elsewhere_find(recording, &elsewhere), 0);
    assert_int_equal(thaw_code_names_store(recording, &elsewhere, writer, NULL), 0);
    written = read_back(writer);
    assert_int_equal(written->count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct thaw_inventory_symbol *symbol = &written->events[i].inventory_symbol;

        assert_int_equal(written->events[i].kind, THAW_EVENT_INVENTORY_SYMBOL);
        assert_string_equal(symbol->path, LIBC);
        assert_true(symbol->bytes > 0);
        seen_read |= symbol->offset == offset_in_libc("read") && strstr(symbol->name, "read");
        seen_qsort |= symbol->offset == offset_in_libc("qsort") && !strcmp(symbol->name, "qsort");
    }
    assert_true(seen_read && seen_qsort);
    thaw_recording_free(written);
    thaw_elsewhere_free(&elsewhere);
    thaw_recording_free(recording);
}

#define OLD_SECONDS 1000000000 /* a time of change after which it is a file of today */

/* One sample in the file, which the kernel mapped as that inode of that device. */
static struct thaw_recording *sampled_in(const char *path, uint64_t device, uint64_t inode,
                                         uint64_t began_seconds, uint64_t offset)
{
    struct thaw_recording *recording;
    char *lines = NULL;

    assert_true(asprintf(&lines,
                         "1 session.begin realtime_ns=%" PRIu64 "000000000\n"
                         "1 mapping pid=1 tid=1 path=\"%s\" start=4294967296 bytes=16000000 "
                         "device=%" PRIu64 " inode=%" PRIu64 "\n"
                         "2 sample pid=1 tid=1 address=%" PRIu64 "\n"
                         "3 call number=1 path=\"%s\" offset=%" PRIu64 "\n",
                         began_seconds, path, device, inode, 4294967296 + offset, path,
                         offset + 1) > 0);
    recording = parse(lines);
    free(lines);
    return recording;
}

/* Is it named? If not, that must be told, with the path. */
static bool is_named(const char *path, uint64_t device, uint64_t inode, uint64_t began_seconds)
{
    struct thaw_recording *recording =
        sampled_in(path, device, inode, began_seconds, offset_in_libc("qsort"));
    struct thaw_elsewhere elsewhere = {0};
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_recording *written;
    bool named;

    assert_int_equal(thaw_code_names_store(recording, &elsewhere, writer, NULL), 0);
    written = read_back(writer);
    assert_int_equal(written->count, 1);
    named = written->events[0].kind == THAW_EVENT_INVENTORY_SYMBOL;
    if (!named) {
        assert_int_equal(written->events[0].kind, THAW_EVENT_LOSS);
        assert_string_equal(written->events[0].loss.cause, "file-replaced");
        assert_int_equal(written->events[0].loss.count, 1);
        assert_memory_equal(written->events[0].loss.what, path, strlen(path));
    }
    thaw_recording_free(written);
    thaw_recording_free(recording);
    return named;
}

static void another_file_at_the_path_names_nothing(void **state)
{
    char *path = strdup(scratch_copy(&scratch, "mapped.so", LIBC));
    uint64_t today = (uint64_t)time(NULL);
    struct stat status;

    (void)state;
    assert_int_equal(stat(path, &status), 0);
    assert_true(is_named(path, status.st_dev, status.st_ino, OLD_SECONDS));
    assert_true(is_named(path, 0, 0, OLD_SECONDS)); /* older recordings do not say which it was */
    assert_false(is_named(path, 0, status.st_ino, OLD_SECONDS)); /* it had no name any more */
    /* An overlay's numbers are others than the kernel's, of files that were there before. */
    assert_true(is_named(path, makedev(0, 40), status.st_ino, OLD_SECONDS));
    assert_true(is_named(path, makedev(0, 40), status.st_ino + 1, today + 1000));
    assert_false(is_named(path, makedev(0, 40), status.st_ino + 1, today - 1000));
    if (major(status.st_dev))
        assert_false(is_named(path, makedev(8, 254), status.st_ino, OLD_SECONDS));
    assert_int_equal(rename(scratch_copy(&scratch, "newer.so", LIBC), path), 0);
    assert_false(is_named(path, status.st_dev, status.st_ino, OLD_SECONDS));
    free(path);
}

/* Of many files the first are told by name. */
static void many_files_may_be_replaced(void **state)
{
    struct thaw_elsewhere elsewhere = {0};
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_recording *recording, *written;
    char *text = NULL;
    size_t length = 0;
    FILE *lines = open_memstream(&text, &length);

    (void)state;
    assert_non_null(lines);
    for (unsigned i = 0; i < 19; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%u.so", i);
        fprintf(lines,
                "1 mapping pid=1 tid=1 path=\"%s\" start=%u bytes=9 device=0 inode=1\n"
                "2 sample pid=1 tid=1 address=%u\n",
                scratch_copy(&scratch, name, "/bin/true"), i * 10 + 1, i * 10 + 1);
    }
    fclose(lines);
    recording = parse(text);
    free(text);
    assert_int_equal(thaw_code_names_store(recording, &elsewhere, writer, NULL), 0);
    written = read_back(writer);
    assert_int_equal(written->count, 17);
    assert_int_equal(written->events[15].loss.count, 1);
    assert_int_equal(written->events[16].loss.count, 3);
    thaw_recording_free(written);
    thaw_recording_free(recording);
}

/* This program's own stack, as perf would give it. */
static __attribute__((noinline, no_sanitize_address)) void
take_own_stack(struct thaw_perf_record *record, unsigned char *stack)
{
    const volatile unsigned char *from;
    ucontext_t context;
    size_t i;

    getcontext(&context);
    record->registers[THAW_PERF_SP] = (uint64_t)context.uc_mcontext.gregs[REG_RSP];
    record->registers[THAW_PERF_BP] = (uint64_t)context.uc_mcontext.gregs[REG_RBP];
    record->registers[THAW_PERF_BX] = (uint64_t)context.uc_mcontext.gregs[REG_RBX];
    record->registers[THAW_PERF_IP] = (uint64_t)context.uc_mcontext.gregs[REG_RIP];
    for (i = 0; i < 4; i++)
        record->registers[THAW_PERF_R8 + 4 + i] =
            (uint64_t)context.uc_mcontext.gregs[REG_R12 + (int)i];
    from = (const volatile unsigned char *)(uintptr_t)record->registers[THAW_PERF_SP];
    for (i = 0; i < STACK_BYTES; i++)
        stack[i] = from[i];
    record->stack = stack;
    record->stack_bytes = STACK_BYTES;
}

/* Room above the stack, so that so much of it is there. */
static __attribute__((noinline)) int take_from_below(struct thaw_perf_record *record,
                                                     unsigned char *stack)
{
    volatile char room[2 * STACK_BYTES] = {0};

    take_own_stack(record, stack);
    return room[0];
}

static char *own_mappings(void)
{
    return scratch_output("awk '$2 ~ /x/ && $6 ~ /^\\// { split($1, at, \"-\"); printf \"%%s %%s "
                          "%%s %%s %%s\\n\", at[1], "
                          "at[2], $3, $5, $6 }' /proc/%d/maps",
                          (int)getpid());
}

/* A recording of this process: what it has mapped, at time 10; of other files by their inodes. */
static struct thaw_recording *own_recording(uint64_t added)
{
    struct thaw_recording *recording;
    char *maps = own_mappings(), *text = NULL;
    size_t length = 0;
    FILE *lines = open_memstream(&text, &length);

    assert_non_null(maps);
    assert_non_null(lines);
    for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
        uint64_t start, end, offset, inode;
        struct stat status;
        char path[4096];

        assert_int_equal(sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNu64 " %4095s",
                                &start, &end, &offset, &inode, path),
                         5);
        assert_int_equal(stat(path, &status), 0);
        fprintf(lines,
                "10 mapping pid=5 tid=5 path=\"%s\" start=%" PRIu64 " bytes=%" PRIu64
                " offset=%" PRIu64 " device=%" PRIu64 " inode=%" PRIu64 "\n",
                path, start, end - start, offset, (uint64_t)status.st_dev, inode + added);
    }
    fputs("30 interpreter pid=6 tid=6 other_root=1\n", lines);
    fclose(lines);
    recording = parse(text);
    free(text);
    free(maps);
    return recording;
}

static struct thaw_stack_store *own_stacks(unsigned char *stack)
{
    static const struct {
        uint64_t time_ns;
        uint32_t pid;
    } samples[] = {{20, 5}, {40, 5}, {50, 6}, {5, 5}};
    struct thaw_perf_record record = {.kind = THAW_PERF_STACK};
    struct thaw_stack_store *store = NULL;

    assert_int_equal(thaw_stack_store_open(&store, NULL), 0);
    take_from_below(&record, stack);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        record.pid = record.tid = samples[i].pid;
        record.time_ns = samples[i].time_ns;
        assert_int_equal(thaw_stack_store_add(store, &record), 0);
    }
    return store;
}

/* Before there was a mapping nothing is followed; then twice the same way; and one elsewhere. */
static void stacks_become_calls(void **state)
{
    unsigned char stack[STACK_BYTES];
    struct thaw_recording *recording = own_recording(0), *written;
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_stack_store *store = own_stacks(stack);
    const struct thaw_event *stacks[3] = {NULL};
    uint64_t calls = 0, lost = 0;
    size_t count = 0;

    (void)state;
    assert_int_equal(thaw_stacks_store(store, recording, writer, NULL), 0);
    written = read_back(writer);
    for (size_t i = 0; i < written->count; i++) {
        const struct thaw_event *event = &written->events[i];

        if (event->kind == THAW_EVENT_CALL) {
            assert_int_equal(event->call.number, ++calls);
            assert_true(event->call.caller < event->call.number);
            assert_true(event->call.path[0] == '/');
        } else if (event->kind == THAW_EVENT_STACK) {
            assert_true(count < 3);
            stacks[count++] = event;
        } else {
            assert_int_equal(event->kind, THAW_EVENT_LOSS);
            assert_string_equal(event->loss.cause, "stacks-elsewhere");
            lost += event->loss.count;
        }
    }
    assert_int_equal(count, 3);
    assert_int_equal(lost, 1);
    assert_int_equal(stacks[0]->time_ns, 5);
    assert_string_equal(stacks[0]->call_stack.end, "broken");
    assert_int_equal(stacks[0]->call_stack.call, 0);
    assert_true(calls >= 1);
    assert_int_equal(stacks[1]->call_stack.call, calls);
    assert_int_equal(stacks[2]->call_stack.call, calls);
    assert_string_equal(stacks[1]->call_stack.end, "truncated");
    thaw_recording_free(written);
    thaw_stack_store_close(store);
    thaw_recording_free(recording);
}

/* What it is in is known, its caller isn't: the file that stands there says nothing of it. */
static void stacks_end_in_a_file_that_was_replaced(void **state)
{
    unsigned char stack[STACK_BYTES];
    struct thaw_recording *recording = own_recording(1), *written;
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_stack_store *store = own_stacks(stack);
    uint64_t stacks = 0, replaced = 0;

    (void)state;
    assert_int_equal(thaw_stacks_store(store, recording, writer, NULL), 0);
    written = read_back(writer);
    for (size_t i = 0; i < written->count; i++) {
        const struct thaw_event *event = &written->events[i];

        assert_int_not_equal(event->kind, THAW_EVENT_CALL);
        if (event->kind == THAW_EVENT_STACK) {
            assert_string_equal(event->call_stack.end, "broken");
            stacks++;
        } else if (!strcmp(event->loss.cause, "stacks-replaced")) {
            replaced += event->loss.count;
        }
    }
    assert_int_equal(stacks, 3);
    assert_int_equal(replaced, 2); /* one was before there was a mapping */
    thaw_recording_free(written);
    thaw_stack_store_close(store);
    thaw_recording_free(recording);
}

static void memory_may_be_short(void **state)
{
    unsigned char stack[STACK_BYTES];
    struct thaw_recording *own = own_recording(0);
    struct thaw_recording *names = sampled(offset_in_libc("read"), offset_in_libc("qsort"));
    struct thaw_stack_store *store = own_stacks(stack);
    struct thaw_recording_writer *writer = open_writer();
    struct thaw_elsewhere elsewhere = {0};
    size_t failures = 0;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int code = thaw_stacks_store(store, own, writer, &error);

        if (!code)
            code = thaw_code_names_store(names, &elsewhere, writer, &error);
        chaos_malloc_pause();
        /* Where a file could not be opened for lack of memory, its stacks end there. */
        assert_true(!code || (code == -ENOMEM && chaos_malloc_failed()));
        assert_int_equal(error.code, code);
        failures += code != 0;
    }
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    assert_true(failures > 10);
    thaw_stack_store_close(store);
    thaw_recording_free(names);
    thaw_recording_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_function_is_named_once),
        cmocka_unit_test(stacks_become_calls),
        cmocka_unit_test(another_file_at_the_path_names_nothing),
        cmocka_unit_test(many_files_may_be_replaced),
        cmocka_unit_test(stacks_end_in_a_file_that_was_replaced),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
