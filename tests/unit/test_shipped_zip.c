/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "read_target.h"
#include "scratch.h"
#include "shipped/content.h"

/* A zip with anything in it is made here byte by byte: libraries don't write what is wrong. */
struct entry {
    const char *name;
    const char *data;
    uint32_t mode;       /* Unix, 0 none */
    uint32_t claimed;    /* size the directory says, 0: the true one */
    uint16_t flags;      /* 1: encrypted */
    bool is_first_again; /* its data is that of the first entry */
    bool has_wrong_sum;
};

struct buffer {
    uint8_t bytes[65536];
    size_t size;
};

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

static void put(struct buffer *buffer, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buffer->bytes[buffer->size++] = (uint8_t)(value >> 8 * i);
}

static void put_text(struct buffer *buffer, const char *text)
{
    memcpy(buffer->bytes + buffer->size, text, strlen(text));
    buffer->size += strlen(text);
}

/* CRC-32 of ISO 3309, as PKWARE's APPNOTE asks for. */
static uint32_t checksum(const char *data)
{
    uint32_t sum = UINT32_MAX;

    for (; *data; data++) {
        sum ^= (uint8_t)*data;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
    }
    return ~sum;
}

/* What local and central headers have in common. */
static void put_header(struct buffer *buffer, const struct entry *entry, uint32_t size)
{
    put(buffer, 20, 2);
    put(buffer, entry->flags, 2);
    put(buffer, 0, 2); /* stored */
    put(buffer, 0, 4); /* time */
    put(buffer, checksum(entry->data) + entry->has_wrong_sum, 4);
    put(buffer, (uint32_t)strlen(entry->data), 4);
    put(buffer, size, 4);
    put(buffer, (uint32_t)strlen(entry->name), 2);
    put(buffer, 0, 2);
}

static const char *write_zip(const struct entry *entries, size_t count)
{
    static struct buffer buffer;
    uint32_t offsets[64], directory;

    buffer.size = 0;
    for (size_t i = 0; i < count; i++) {
        offsets[i] = entries[i].is_first_again ? offsets[0] : (uint32_t)buffer.size;
        if (entries[i].is_first_again)
            continue;
        put(&buffer, 0x04034b50, 4);
        put_header(&buffer, &entries[i], (uint32_t)strlen(entries[i].data));
        put_text(&buffer, entries[i].name);
        put_text(&buffer, entries[i].data);
    }
    directory = (uint32_t)buffer.size;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = entries[i].claimed ? entries[i].claimed : (uint32_t)strlen(entries[i].data);

        put(&buffer, 0x02014b50, 4);
        put(&buffer, 3 << 8 | 20, 2); /* made on Unix */
        put_header(&buffer, &entries[i], size);
        put(&buffer, 0, 2 + 2 + 2);
        put(&buffer, entries[i].mode << 16, 4);
        put(&buffer, offsets[i], 4);
        put_text(&buffer, entries[i].name);
    }
    put(&buffer, 0x06054b50, 4);
    put(&buffer, 0, 4);
    put(&buffer, (uint32_t)count, 2);
    put(&buffer, (uint32_t)count, 2);
    put(&buffer, (uint32_t)buffer.size - 16 + 4 - directory, 4);
    put(&buffer, directory, 4);
    put(&buffer, 0, 2);
    return scratch_write(&scratch, "z.zip", buffer.bytes, buffer.size);
}

#define WRITE(entries) write_zip(entries, sizeof(entries) / sizeof((entries)[0]))

static void a_layer_is_read_as_if_unpacked(void **state)
{
    const struct entry entries[] = {
        {.name = "python/a-1.dist-info/METADATA", .data = "Name: a\nVersion: 1\n"},
        {.name = "python/a-1.dist-info/RECORD", .data = "a/m.py,,5\na/gone.py,,\n"},
        {.name = "python/a/m.py", .data = "hello"},
        {.name = "python/a/", .data = ""},
        {.name = "./z//y", .data = "12"},
        {.name = "link", .data = "z", .mode = S_IFLNK | 0777},
        {.name = "pipe", .data = "", .mode = S_IFIFO | 0600},
        {.name = "tool", .data = "x", .mode = S_IFREG | 0755},
    };
    const char *path = WRITE(entries);
    struct thaw_shipped *shipped = read_target(path);
    const uint32_t *executables;
    char text[16] = "", *bytes;
    size_t count;
    uint64_t packed = 0;
    uint32_t file;
    int fd;

    (void)state;
    assert_string_equal(shipped->kind, "zip");
    assert_int_equal(shipped->fault_count, 0);
    assert_int_equal(shipped->file_count, 5);
    assert_string_equal(shipped->files[0].path, "tool");
    assert_int_equal(shipped->link_count, 1);
    assert_int_equal(shipped->special_count, 1);
    assert_int_equal(shipped->total.disk_bytes, target_du(path));
    for (size_t i = 0; i < shipped->file_count; i++)
        packed += shipped->files[i].disk_bytes;
    assert_int_equal(shipped->folders[0].whole.disk_bytes,
                     packed); /* the zip itself is not in it */
    assert_int_equal(target_file(shipped, "z/y")->bytes, 2);
    assert_string_equal(target_owner(shipped, "python/a/m.py"), "a");
    assert_int_equal(target_distribution(shipped, "a")->absent, 1);
    executables = thaw_content_executables(shipped, &count);
    assert_int_equal(count, 1);
    assert_int_equal(executables[0], 0);
    file = thaw_content_find(shipped, "python/a/m.py");
    fd = thaw_content_open(shipped, file);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, sizeof(text)), 5);
    assert_string_equal(text, "hello");
    close(fd);
    assert_int_equal(thaw_content_read(shipped, file, 4, &bytes, &count), 0);
    assert_string_equal(bytes, "hell");
    thaw_shipped_free(shipped);
}

static void names_that_lead_out_are_passed_over(void **state)
{
    static const char *const names[] = {"../up", "a/../../up",  "/abs",  "..",
                                        "a/..",  "back\\slash", "a/../b"};
    struct entry entries[sizeof(names) / sizeof(names[0]) + 1] = {0};
    size_t count = sizeof(names) / sizeof(names[0]);
    struct thaw_shipped *shipped;

    (void)state;
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){.name = names[i], .data = "x"};
    entries[count] = (struct entry){.name = "a..b/..c", .data = "x"};
    shipped = read_target(write_zip(entries, count + 1));
    assert_int_equal(shipped->file_count, 1);
    assert_string_equal(shipped->files[0].path, "a..b/..c");
    assert_int_equal(shipped->fault_count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(target_has_fault(shipped, names[i], "passed over"));
    thaw_shipped_free(shipped);
}

static void what_the_directory_claims_is_not_believed(void **state)
{
    const struct entry entries[] = {
        {.name = "big", .data = "123", .claimed = 1u << 30},
        {.name = "encrypted", .data = "123456789012345", .flags = 1},
        {.name = "sum", .data = "123", .has_wrong_sum = true},
        {.name = "twice", .data = "1"},
        {.name = "twice", .data = "22"},
        {.name = "twice/below", .data = "3"},
    };
    struct thaw_shipped *shipped = read_target(WRITE(entries));
    char *bytes;
    size_t length;

    (void)state;
    assert_true(target_has_fault(shipped, "big", "bomb"));
    assert_true(target_has_fault(shipped, "encrypted", "encrypted"));
    assert_true(target_has_fault(shipped, "twice", "last one counts"));
    assert_int_equal(target_file(shipped, "big")->bytes, 0);
    assert_int_equal(target_file(shipped, "twice")->bytes, 2);
    assert_int_equal(target_file(shipped, "twice/below")->bytes, 1);
    assert_int_equal(thaw_content_open(shipped, thaw_content_find(shipped, "encrypted")), -EACCES);
    assert_int_equal(thaw_content_open(shipped, thaw_content_find(shipped, "sum")), -EBADMSG);
    assert_int_equal(
        thaw_content_read(shipped, thaw_content_find(shipped, "twice"), 9, &bytes, &length), 0);
    assert_string_equal(bytes, "22");
    thaw_shipped_free(shipped);
}

static void members_that_overlap_are_a_bomb(void **state)
{
    static char data[4096];
    struct entry entries[8] = {0};
    char names[8][8];
    struct thaw_shipped *shipped;

    (void)state;
    memset(data, 'x', sizeof(data) - 1);
    for (size_t i = 0; i < 8; i++) {
        snprintf(names[i], sizeof(names[i]), "%zu", i);
        entries[i] = (struct entry){.name = names[i], .data = data, .is_first_again = i > 0};
    }
    shipped = read_target(WRITE(entries));
    assert_true(target_has_fault(shipped, "", "overlap"));
    thaw_shipped_free(shipped);
}

/* 2 MiB that a few kilobytes claim truly, are read; but never more than is claimed. */
static void what_is_compressed_is_read_as_far_as_it_claims(void **state)
{
    const char *path = scratch_path(&scratch, "z.zip");
    static char zeros[2 << 20];
    struct zip *archive = zip_open(path, ZIP_CREATE, NULL);
    struct thaw_shipped *shipped;
    char *bytes;
    size_t length;

    (void)state;
    assert_non_null(archive);
    assert_true(zip_file_add(archive, "zeros", zip_source_buffer(archive, zeros, sizeof(zeros), 0),
                             0) >= 0);
    assert_int_equal(zip_close(archive), 0);
    shipped = read_target(path);
    assert_int_equal(shipped->fault_count, 0);
    assert_int_equal(shipped->files[0].bytes, sizeof(zeros));
    assert_true(shipped->files[0].disk_bytes < 10000);
    assert_int_equal(thaw_content_read(shipped, 0, SIZE_MAX, &bytes, &length), 0);
    assert_int_equal(length, sizeof(zeros));
    assert_memory_equal(bytes, zeros, sizeof(zeros));
    thaw_shipped_free(shipped);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(a_layer_is_read_as_if_unpacked),
        CASE(names_that_lead_out_are_passed_over),
        CASE(what_the_directory_claims_is_not_believed),
        CASE(members_that_overlap_are_a_bomb),
        CASE(what_is_compressed_is_read_as_far_as_it_claims),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
