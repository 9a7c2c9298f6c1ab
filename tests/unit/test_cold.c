/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "scratch.h"
#include "trial/cold.h"
#include "trial/cold_files.h"

#define FILE_BYTES ((size_t)16 * 4096)

static struct scratch folder;
static char filler[FILE_BYTES];

static int make_folder(void **state)
{
    struct statfs system;

    (void)state;
    scratch_make(&folder);
    memset(filler, 'x', sizeof(filler));
    /* Without a disk below it nothing can be put out of memory. */
    if (statfs(folder.path, &system) == 0 && system.f_type == TMPFS_MAGIC)
        print_message("%s is on a file system in memory\n", folder.path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&folder);
    return 0;
}

static bool is_in_memory_only(void)
{
    struct statfs system;

    return statfs(folder.path, &system) == 0 && system.f_type == TMPFS_MAGIC;
}

/* mincore(2), whatever the program itself asks: pages of the file that are in memory. */
static size_t resident(const char *path)
{
    unsigned char states[FILE_BYTES / 4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *pages = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, file, 0);
    size_t count = 0;

    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mincore(pages, FILE_BYTES, states), 0);
    for (size_t i = 0; i < sizeof(states); i++)
        count += states[i] & 1;
    munmap(pages, FILE_BYTES);
    close(file);
    return count;
}

/* A list in memory, of one text. */
static int list_of(const char *paths, size_t length)
{
    int list = memfd_create("list", MFD_CLOEXEC);

    assert_true(list >= 0);
    assert_int_equal(write(list, paths, length), length);
    return list;
}

static void add(char *list, size_t *length, enum thaw_cold_kind kind, const char *path)
{
    *length += (size_t)sprintf(list + *length, "%c%s", kind, path) + 1;
}

static size_t collected(struct thaw_cold *cold, const char *paths, size_t length)
{
    struct thaw_error error;
    int list = list_of(paths, length);

    assert_int_equal(thaw_cold_collect(cold, list, &error), 0);
    close(list);
    return cold->count;
}

static void files_leave_memory(void **state)
{
    const char *path = scratch_write(&folder, "app/a.py", filler, FILE_BYTES);
    const char *other = scratch_write(&folder, "other.py", filler, FILE_BYTES);
    struct thaw_repeat_cold result;
    struct thaw_cold cold = {0};
    struct thaw_error error;
    char paths[PATH_MAX];
    size_t length = 0;
    int list;

    (void)state;
    if (is_in_memory_only())
        skip();
    assert_int_equal(resident(path), FILE_BYTES / 4096); /* it was just written */
    add(paths, &length, THAW_COLD_TREE, scratch_path(&folder, "app"));
    list = list_of(paths, length);
    assert_int_equal(thaw_cold_evict(&cold, list, &result, &error), 0);
    assert_int_equal(resident(path), 0);
    assert_int_equal(resident(other), FILE_BYTES / 4096); /* nobody asked for it */
    assert_true(result.controlled);
    assert_int_equal(result.files, 1);
    assert_int_equal(result.bytes, FILE_BYTES);
    assert_int_equal(result.left_bytes, 0);
    assert_string_equal(result.largest, "");
    /* What is not in memory any more is none of the next time's. */
    assert_int_equal(thaw_cold_evict(&cold, list, &result, &error), 0);
    assert_int_equal(result.files, 0);
    close(list);
    thaw_cold_free(&cold);
}

static void what_is_mapped_stays_and_is_told(void **state)
{
    const char *path = scratch_write(&folder, "mapped/m.so", filler, FILE_BYTES);
    int file = open(path, O_RDONLY | O_CLOEXEC), list;
    volatile const char *pages;
    struct thaw_repeat_cold result;
    struct thaw_cold cold = {0};
    struct thaw_error error;
    char paths[PATH_MAX];
    size_t length = 0;

    (void)state;
    if (is_in_memory_only())
        skip();
    pages = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(fsync(file), 0);
    add(paths, &length, THAW_COLD_FILE, path);
    list = list_of(paths, length);
    assert_int_equal(thaw_cold_evict(&cold, list, &result, &error), 0);
    assert_int_equal(result.files, 1);
    assert_int_equal(result.left_files, 1);
    assert_int_equal(result.left_bytes, FILE_BYTES);
    assert_int_equal(result.unevictable_bytes, 0);
    assert_string_equal(result.largest, path);
    munmap((void *)(uintptr_t)pages, FILE_BYTES);
    close(file);
    close(list);
    thaw_cold_free(&cold);
}

/* By two names, through a link, and listed twice: one file. Empty ones have no pages. */
static void each_file_is_there_once(void **state)
{
    const char *path = scratch_write(&folder, "once/one.py", filler, FILE_BYTES);
    struct thaw_cold cold = {0};
    char paths[4 * PATH_MAX];
    size_t length = 0;

    (void)state;
    assert_int_equal(link(path, scratch_path(&folder, "once/two.py")), 0);
    scratch_link(&folder, "once/three.py", "one.py");
    scratch_link(&folder, "once/nowhere.py", "not-there");
    scratch_write(&folder, "once/empty.py", "", 0);
    add(paths, &length, THAW_COLD_TREE, scratch_path(&folder, "once"));
    add(paths, &length, THAW_COLD_TREE, scratch_path(&folder, "once"));
    add(paths, &length, THAW_COLD_FILE, path);
    assert_int_equal(collected(&cold, paths, length), 1);
    thaw_cold_free(&cold);
}

static void a_folder_of_modules_is_no_tree(void **state)
{
    struct thaw_cold cold = {0}, all = {0};
    char paths[PATH_MAX];
    size_t length = 0;

    (void)state;
    scratch_write(&folder, "package/a.py", filler, FILE_BYTES);
    scratch_write(&folder, "package/__pycache__/a.pyc", filler, FILE_BYTES);
    scratch_write(&folder, "package/below/b.py", filler, FILE_BYTES);
    add(paths, &length, THAW_COLD_FOLDER, scratch_path(&folder, "package"));
    assert_int_equal(collected(&cold, paths, length), 2);
    paths[0] = THAW_COLD_TREE;
    assert_int_equal(collected(&all, paths, length), 3);
    thaw_cold_free(&cold);
    thaw_cold_free(&all);
}

/* Opening a pipe would wait for whoever writes to it; a folder's loop would have no end. */
static void what_is_no_file_is_let_be(void **state)
{
    struct thaw_cold cold = {0};
    char paths[8 * PATH_MAX];
    size_t length = 0;

    (void)state;
    assert_int_equal(mkdir(scratch_path(&folder, "odd"), 0755), 0);
    assert_int_equal(mkfifo(scratch_path(&folder, "odd/pipe"), 0644), 0);
    scratch_link(&folder, "odd/loop", ".");
    scratch_link(&folder, "odd/device", "/dev/zero");
    add(paths, &length, THAW_COLD_TREE, scratch_path(&folder, "odd"));
    add(paths, &length, THAW_COLD_FILE, scratch_path(&folder, "odd/pipe"));
    add(paths, &length, THAW_COLD_FILE, "/dev/zero");
    add(paths, &length, THAW_COLD_FILE, "/not/there");
    add(paths, &length, THAW_COLD_TREE, "/not/there");
    add(paths, &length, THAW_COLD_FILE, "");
    paths[length++] = '\0';
    assert_int_equal(collected(&cold, paths, length), 0);
    thaw_cold_free(&cold);
}

/* A file that is replaced by a pipe after it was found is not opened as one either. */
static void what_was_replaced_is_let_be(void **state)
{
    const char *path = scratch_write(&folder, "replaced/file", filler, FILE_BYTES);
    struct thaw_repeat_cold result;
    struct thaw_cold cold = {0};
    struct thaw_error error;
    char paths[PATH_MAX];
    size_t length = 0;

    (void)state;
    add(paths, &length, THAW_COLD_FILE, path);
    assert_int_equal(collected(&cold, paths, length), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0644), 0);
    assert_int_equal(thaw_cold_evict(&cold, -1, &result, &error), 0);
    assert_int_equal(result.files + result.unknown_files, 0);
    thaw_cold_free(&cold);
}

static void what_a_process_maps_is_noted(void **state)
{
    struct thaw_cold cold = {0};
    bool noted = false;
    pid_t child;
    int ends[2];
    char byte;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        execlp("sleep", "sleep", "60", NULL);
        _exit(127);
    }
    close(ends[1]);
    thaw_cold_look(&cold, getpid());              /* this program's own files are nobody's */
    assert_int_equal(read(ends[0], &byte, 1), 0); /* executed */
    close(ends[0]);
    thaw_cold_look(&cold, getpid());
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (size_t i = 0; i < cold.mapped.count; i++) {
        noted |=
            strstr(cold.mapped.items[i], "/sleep") || strstr(cold.mapped.items[i], "/coreutils");
        assert_null(strstr(cold.mapped.items[i], "test_cold"));
    }
    assert_true(noted);
    thaw_cold_free(&cold);
}

/* --- what a recording names --- */

#define RECORDING                                                                                  \
    "thaw-recording-text 1\n"                                                                      \
    "1 session.begin command=[\"python3\",\"-x\",\"app/main.py\"] directory=\"%s\"\n"              \
    "2 interpreter pid=5 tid=5 executable=\"/venv/bin/python3\" "                                  \
    "library=\"/usr/lib/libpython.so\"\n"                                                          \
    "3 body.begin pid=5 tid=5 name=\"a\" file=\"/srv/a.py\"\n"                                     \
    "4 body.begin pid=5 tid=5 name=\"os\" file=\"<frozen os>\"\n"                                  \
    "5 file.folder pid=5 tid=5 number=1 path=\"/srv\"\n"                                           \
    "6 inventory.interpreter executable=\"/venv/bin/python3\" stdlib=[\"/usr/lib/python3\"] "      \
    "sites=[\"/venv/site\",\"relative\",\"/\"]\n"                                                  \
    "7 file.open pid=5 tid=5 path=\"/srv/data.bin\" result=3\n"                                    \
    "8 file.open pid=5 tid=5 path=\"/srv/missing\" result=-2\n"

static bool lists(const char *list, size_t length, const char *item)
{
    for (const char *at = list; at < list + length; at += strlen(at) + 1)
        if (!strcmp(at, item))
            return true;
    return false;
}

static void a_list_has_what_a_recording_names(void **state)
{
    static const char *const listed[] = {"f/venv/bin/python3", "f/usr/lib/libpython.so",
                                         "f/srv/a.py",         "d/srv",
                                         "t/usr/lib/python3",  "t/venv/site",
                                         "f/srv/data.bin"};
    static const char *const not_listed[] = {"f<frozen os>", "trelative", "t/", "f/srv/missing"};
    int list = memfd_create("list", MFD_CLOEXEC);
    struct thaw_error error = {0};
    char text[4096], bytes[8192], item[PATH_MAX];
    ssize_t length;

    (void)state;
    scratch_write_text(&folder, "app/main.py", "import a\n");
    snprintf(text, sizeof(text), RECORDING, folder.path);
    if (thaw_cold_list(scratch_write_text(&folder, "r.thaw", text), list, &error))
        fail_msg("%s", error.message);
    length = pread(list, bytes, sizeof(bytes), 0);
    assert_true(length > 0 && length < (ssize_t)sizeof(bytes) && !bytes[length - 1]);
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
        if (!lists(bytes, (size_t)length, listed[i]))
            fail_msg("%s is not listed", listed[i]);
    for (size_t i = 0; i < sizeof(not_listed) / sizeof(not_listed[0]); i++)
        if (lists(bytes, (size_t)length, not_listed[i]))
            fail_msg("%s is listed", not_listed[i]);
    /* The script's folder, and where it ran. */
    snprintf(item, sizeof(item), "t%s/app", folder.path);
    assert_true(lists(bytes, (size_t)length, item));
    snprintf(item, sizeof(item), "t%s", folder.path);
    assert_true(lists(bytes, (size_t)length, item));
    assert_int_equal(thaw_cold_list("/not/there", list, &error), -ENOENT);
    close(list);
}

/* --- memory --- */

static void short_memory_is_an_error(void **state)
{
    char paths[PATH_MAX];
    size_t length = 0;
    int list;

    (void)state;
    if (!chaos_malloc_works())
        skip();
    scratch_write(&folder, "short/a.py", filler, FILE_BYTES);
    scratch_write(&folder, "short/b.py", filler, FILE_BYTES);
    add(paths, &length, THAW_COLD_TREE, scratch_path(&folder, "short"));
    list = list_of(paths, length);
    for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
        struct thaw_cold cold = {0};
        struct thaw_error error = {0};
        int code = thaw_cold_collect(&cold, list, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(code || cold.count == 2);
        thaw_cold_free(&cold);
    }
    close(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_leave_memory),
        cmocka_unit_test(what_is_mapped_stays_and_is_told),
        cmocka_unit_test(each_file_is_there_once),
        cmocka_unit_test(a_folder_of_modules_is_no_tree),
        cmocka_unit_test(what_is_no_file_is_let_be),
        cmocka_unit_test(what_was_replaced_is_let_be),
        cmocka_unit_test(what_a_process_maps_is_noted),
        cmocka_unit_test(a_list_has_what_a_recording_names),
        cmocka_unit_test(short_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
