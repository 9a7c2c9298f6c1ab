/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "scratch.h"
#include "shipped/content.h"
#include "shipped/file_kinds.h"
#include "read_target.h"

#define SPARSE_BYTES ((off_t)64 << 30)

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

static void sums_are_those_of_du(void **state)
{
    static char data[300000] = "x";
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write(&scratch, "t/a/big.bin", data, sizeof(data));
    scratch_write_text(&scratch, "t/a/small.py", "pass\n");
    scratch_folder(&scratch, "t/empty");
    scratch_link(&scratch, "t/short", "a");
    memset(data, 'l', 300);
    data[300] = '\0';
    scratch_link(&scratch, "t/long", data); /* too long for its inode: has a block */
    assert_int_equal(link(scratch_path(&scratch, "t/a/big.bin"), scratch_path(&scratch, "t/twin")),
                     0);
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(shipped->total.disk_bytes, target_du(scratch_path(&scratch, "t")));
    assert_int_equal(shipped->total.bytes, sizeof(data) + 5);
    assert_int_equal(shipped->total.files, 3);
    assert_int_equal(shipped->directory_count, 3);
    assert_int_equal(shipped->link_count, 2);
    assert_true(target_file(shipped, "twin")->bytes); /* a folder's own files come first */
    assert_true(target_file(shipped, "a/big.bin")->again);
    assert_ptr_equal(&shipped->files[target_file(shipped, "a/big.bin")->first],
                     target_file(shipped, "twin"));
    assert_int_equal(shipped->folders[0].whole.disk_bytes, shipped->total.disk_bytes);
    assert_int_equal(target_folder(shipped, "a")->own.files, 2);
    assert_int_equal(shipped->fault_count, 0);
    thaw_shipped_free(shipped);
}

/* A commit must not make the app heavier; what a package brings under such a name is shipped. */
static void the_history_of_a_checkout_is_left_out(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "t/app.py", "pass\n");
    scratch_write_text(&scratch, "t/.git/objects/pack", "0123456789");
    scratch_write_text(&scratch, "t/.hg", "x");
    scratch_write_text(&scratch, "t/package/.git", "gitdir: elsewhere\n");
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(shipped->total.files, 2);
    assert_int_equal(shipped->total.bytes, 5 + strlen("gitdir: elsewhere\n"));
    assert_int_equal(shipped->fault_count, 2);
    assert_string_equal(shipped->faults[0].path, ".git");
    assert_non_null(strstr(shipped->faults[0].what, "left out of all figures"));
    assert_false(shipped->faults[0].is_unread);
    assert_string_equal(shipped->faults[1].path, ".hg");
    thaw_shipped_free(shipped);
}

static void files_and_folders_are_in_the_order_of_names(void **state)
{
    static const char *const expected[] = {"b.py", "z.py", "a/one", "a/two", "a/sub/x", "c/y"};
    struct thaw_shipped *shipped;

    (void)state;
    for (size_t i = sizeof(expected) / sizeof(expected[0]); i-- > 0;) {
        char name[64];

        snprintf(name, sizeof(name), "t/%s", expected[i]);
        scratch_write_text(&scratch, name, "x");
    }
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(shipped->file_count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < shipped->file_count; i++) {
        assert_string_equal(shipped->files[i].path, expected[i]);
        assert_int_equal(thaw_content_find(shipped, expected[i]), i);
    }
    assert_int_equal(thaw_content_find(shipped, "a"), THAW_SHIPPED_NONE);
    assert_int_equal(thaw_content_find(shipped, "a/on"), THAW_SHIPPED_NONE);
    assert_int_equal(thaw_content_find(shipped, "a/onee"), THAW_SHIPPED_NONE);
    assert_int_equal(thaw_content_find(shipped, "../t/b.py"), THAW_SHIPPED_NONE);
    assert_int_equal(thaw_content_find(shipped, ""), THAW_SHIPPED_NONE);
    assert_int_equal(thaw_content_find(shipped, "/"), THAW_SHIPPED_NONE);
    for (size_t i = 1; i < shipped->folder_count; i++)
        assert_true(shipped->folders[i].parent < i);
    thaw_shipped_free(shipped);
}

/* Each in a way of its own would hang, fill the memory or leave the target. */
static void hostile_entries_are_counted_and_never_opened(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct thaw_shipped *shipped;
    int fd, sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    scratch_folder(&scratch, "t/sub");
    assert_int_equal(mkfifo(scratch_path(&scratch, "t/fifo.so"), 0600), 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", scratch_path(&scratch, "t/s.so"));
    assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
    scratch_link(&scratch, "t/loop", "loop");
    scratch_link(&scratch, "t/sub/up", "..");
    scratch_link(&scratch, "t/out", "/etc");
    scratch_link(&scratch, "t/METADATA", "/etc/passwd");
    scratch_write_text(&scratch, "t/line\nend.py", "x");
    scratch_write_text(&scratch, "t/\xff\xfe.py", "x");
    scratch_write_text(&scratch, "t/<\\script>.py", "x");
    fd = open(scratch_path(&scratch, "t/huge.so"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && sock >= 0);
    assert_int_equal(ftruncate(fd, SPARSE_BYTES), 0);
    close(fd);
    close(sock);
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(shipped->special_count, 2);
    assert_int_equal(shipped->link_count, 4);
    assert_int_equal(shipped->file_count, 4);
    assert_int_equal(shipped->total.disk_bytes, target_du(scratch_path(&scratch, "t")));
    assert_int_equal(target_file(shipped, "huge.so")->bytes, SPARSE_BYTES);
    assert_int_equal(target_file(shipped, "line\nend.py")->bytes, 1);
    assert_int_equal(target_file(shipped, "\xff\xfe.py")->kind, THAW_FILE_PYTHON);
    assert_int_equal(thaw_content_find(shipped, "METADATA"), THAW_SHIPPED_NONE);
    thaw_shipped_free(shipped);
}

static void deeper_than_64_folders_is_a_fault(void **state)
{
    char name[512] = "t", *end = name + 1;
    struct thaw_shipped *shipped;

    (void)state;
    for (int i = 0; i < 70; i++)
        end = stpcpy(end, "/d");
    scratch_folder(&scratch, name);
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(shipped->fault_count, 1);
    assert_non_null(strstr(shipped->faults[0].what, "64 folders"));
    assert_int_equal(shipped->directory_count, 1 + 65);
    thaw_shipped_free(shipped);
}

/* A folder that can't be opened, also by root: there are no descriptors left. */
static void folders_that_cannot_be_opened_are_a_fault(void **state)
{
    struct rlimit limit, few;
    struct thaw_shipped *shipped;
    uint64_t expected;

    (void)state;
    scratch_write_text(&scratch, "t/1/2/3/4/5/6/7/8/9/x", "x");
    expected = target_du(scratch_path(&scratch, "t/1/2/3")) -
               target_du(scratch_path(&scratch, "t/1/2/3/4"));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = (rlim_t)dup(0) + 4; /* t, 1, 2 and 3 */
    close((int)few.rlim_cur - 4);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(target_has_fault(shipped, "1/2/3/4", "Too many open files"));
    assert_int_equal(shipped->fault_count, 1);
    assert_int_equal(shipped->file_count, 0);
    assert_int_equal(target_folder(shipped, "1/2/3")->whole.disk_bytes,
                     expected + target_folder(shipped, "1/2/3/4")->whole.disk_bytes);
    thaw_shipped_free(shipped);
}

static void targets_that_are_none(void **state)
{
    struct thaw_shipped_options options = {.root = ""};
    struct thaw_shipped *shipped = NULL;
    struct thaw_error error;

    (void)state;
    options.target = scratch_path(&scratch, "nothing");
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), -ENOENT);
    options.target = scratch_write_text(&scratch, "text", "no zip");
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), -ENOTSUP);
    options.target = scratch_write_text(&scratch, "empty", "");
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), -ENOTSUP);
    assert_int_equal(mkfifo(scratch_path(&scratch, "fifo"), 0600), 0);
    options.target = scratch_path(&scratch, "fifo");
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), -ENOTSUP);
    options.target = "/dev/zero";
    assert_int_equal(thaw_shipped_read(&options, &shipped, &error), -ENOTSUP);
    assert_null(shipped);
}

static void a_link_to_a_folder_and_a_slash_are_followed(void **state)
{
    char path[512];

    (void)state;
    scratch_write_text(&scratch, "t/x.py", "x");
    scratch_link(&scratch, "to", "t");
    snprintf(path, sizeof(path), "%s/", scratch_path(&scratch, "t"));
    for (int i = 0; i < 2; i++) {
        struct thaw_shipped *shipped = read_target(i ? path : scratch_path(&scratch, "to"));

        assert_int_equal(shipped->file_count, 1);
        assert_string_equal(shipped->files[0].path, "x.py");
        thaw_shipped_free(shipped);
    }
}

/* What a name meant when it was walked must not lead elsewhere when it is opened. */
static void content_stays_below_the_target(void **state)
{
    struct thaw_shipped *shipped;
    char *bytes;
    size_t length;
    uint32_t file;

    (void)state;
    scratch_write_text(&scratch, "t/a/x", "inside");
    scratch_write_text(&scratch, "t/y", "inside");
    scratch_write_text(&scratch, "outside/x", "outside");
    shipped = read_target(scratch_path(&scratch, "t"));
    file = thaw_content_find(shipped, "a/x");
    assert_int_equal(thaw_content_read(shipped, file, 3, &bytes, &length), 0);
    assert_int_equal(length, 3);
    assert_string_equal(bytes, "ins");
    assert_int_equal(rename(scratch_path(&scratch, "t/a"), scratch_path(&scratch, "old")), 0);
    scratch_link(&scratch, "t/a", "../outside");
    assert_int_equal(thaw_content_open(shipped, file), -ELOOP);
    file = thaw_content_find(shipped, "y");
    unlink(scratch_path(&scratch, "t/y"));
    assert_int_equal(mkfifo(scratch_path(&scratch, "t/y"), 0600), 0);
    assert_int_equal(thaw_content_open(shipped, file), -EINVAL);
    unlink(scratch_path(&scratch, "t/y"));
    scratch_link(&scratch, "t/y", "../outside/x");
    assert_int_equal(thaw_content_open(shipped, file), -ELOOP);
    thaw_shipped_free(shipped);
}

static void executables_are_known(void **state)
{
    struct thaw_shipped *shipped;
    const uint32_t *files;
    size_t count;

    (void)state;
    scratch_write_text(&scratch, "t/bin/tool", "x");
    scratch_write_text(&scratch, "t/bin/text", "x");
    assert_int_equal(chmod(scratch_path(&scratch, "t/bin/tool"), 0755), 0);
    shipped = read_target(scratch_path(&scratch, "t"));
    files = thaw_content_executables(shipped, &count);
    assert_int_equal(count, 1);
    assert_string_equal(shipped->files[files[0]].path, "bin/tool");
    thaw_shipped_free(shipped);
}

static void kinds_are_told_by_name_and_place(void **state)
{
    static const struct {
        const char *path;
        enum thaw_file_kind kind;
    } cases[] = {
        {"m.py", THAW_FILE_PYTHON},
        {"__pycache__/m.cpython-311.pyc", THAW_FILE_BYTECODE},
        {"m.cpython-311-x86_64-linux-gnu.so", THAW_FILE_NATIVE},
        {"p.libs/libfoo-1a2b.so.3.2.1", THAW_FILE_NATIVE},
        {"libfoo.so.conf", THAW_FILE_DATA},
        {"libfoo.so.1x", THAW_FILE_DATA},
        {"p/tests/_t.so", THAW_FILE_NATIVE},
        {"p/tests/data/x.csv", THAW_FILE_TESTS},
        {"p/test/x.py", THAW_FILE_TESTS},
        {"p/testing/x.py", THAW_FILE_PYTHON},
        {"p/conftest.py", THAW_FILE_PYTHON},
        {"p/docs/x.py", THAW_FILE_DOCS},
        {"p/README.md", THAW_FILE_DOCS},
        {"p/m.pyi", THAW_FILE_STUBS},
        {"p/py.typed", THAW_FILE_STUBS},
        {"p/include/n.h", THAW_FILE_HEADERS},
        {"p/libx.so.debug", THAW_FILE_DEBUG},
        {"p-1.dist-info/LICENSE", THAW_FILE_METADATA},
        {"p-1.dist-info/licenses/tests/x", THAW_FILE_METADATA},
        {"p.egg-info/PKG-INFO", THAW_FILE_METADATA},
        {"p/.so", THAW_FILE_NATIVE},
        {"p/x", THAW_FILE_DATA},
        {"p/mod", THAW_FILE_DATA},
    };
    struct thaw_shipped *shipped;
    char name[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(name, sizeof(name), "t/%s", cases[i].path);
        scratch_write_text(&scratch, name, "x");
    }
    shipped = read_target(scratch_path(&scratch, "t"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct thaw_shipped_file *file = target_file(shipped, cases[i].path);

        if (file->kind != cases[i].kind)
            fail_msg("%s is %s", cases[i].path, thaw_file_kind_name(file->kind));
    }
    for (int i = 0; i < THAW_FILE_KINDS; i++)
        assert_true(*thaw_file_kind_name(i));
    thaw_shipped_free(shipped);
}

static void several_folders_are_walked_once_each(void **state)
{
    char a[512], inner[512], b[512], gone[512];
    const char *folders[] = {inner, b, a, a, gone, NULL};
    struct thaw_shipped_options options = {.folders = folders, .kind = "process", .root = ""};
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "a/inner/x.py", "12");
    scratch_write_text(&scratch, "a-b/y.py", "345");
    scratch_link(&scratch, "same", "a");
    snprintf(a, sizeof(a), "%s", scratch_path(&scratch, "same"));
    snprintf(inner, sizeof(inner), "%s", scratch_path(&scratch, "a/inner"));
    snprintf(b, sizeof(b), "%s", scratch_path(&scratch, "a-b"));
    snprintf(gone, sizeof(gone), "%s", scratch_path(&scratch, "gone"));
    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    assert_string_equal(shipped->kind, "process");
    assert_int_equal(shipped->folders_read.count, 2);
    assert_string_equal(shipped->folders_read.items[0], scratch_path(&scratch, "a"));
    assert_string_equal(shipped->folders_read.items[1], b);
    assert_int_equal(shipped->total.bytes, 5);
    assert_int_equal(target_file(shipped, scratch_path(&scratch, "a/inner/x.py"))->bytes, 2);
    assert_true(target_has_fault(shipped, gone, "No such file"));
    assert_int_equal(shipped->total.disk_bytes, target_du(scratch_path(&scratch, "a")) +
                                                    target_du(scratch_path(&scratch, "a-b")));
    thaw_shipped_free(shipped);
}

/* What comes first on the import path wins, not what comes first by name. */
static void distributions_are_in_the_order_of_the_folders_given(void **state)
{
    char first[512], link[512], last[512];
    const char *folders[] = {first, link, last, NULL};
    struct thaw_shipped_options options = {.folders = folders, .kind = "process", .root = ""};
    struct thaw_shipped *shipped;

    (void)state;
    scratch_write_text(&scratch, "z/site/one-1.dist-info/METADATA", "Name: one\nVersion: 1\n");
    scratch_write_text(&scratch, "m/one-2.dist-info/METADATA", "Name: one\nVersion: 2\n");
    scratch_write_text(&scratch, "a/one-3.dist-info/METADATA", "Name: one\nVersion: 3\n");
    scratch_link(&scratch, "link", "m");
    snprintf(first, sizeof(first), "%s", scratch_path(&scratch, "z"));
    snprintf(link, sizeof(link), "%s", scratch_path(&scratch, "link"));
    snprintf(last, sizeof(last), "%s", scratch_path(&scratch, "a"));
    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    assert_int_equal(shipped->distribution_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(shipped->distributions[i].version[0], '1' + (int)i);
    assert_string_equal(shipped->sites.items[0], scratch_path(&scratch, "z/site"));
    thaw_shipped_free(shipped);
}

static void memory_may_be_short(void **state)
{
    struct thaw_shipped_options options = {.root = ""};
    char target[512];

    (void)state;
    if (!chaos_malloc_works())
        fail_msg("linked without --wrap");
    scratch_write_text(&scratch, "t/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    scratch_write_text(&scratch, "t/s/a-1.dist-info/METADATA",
                       "Name: a\nVersion: 1\nRequires-Dist: b\n\n");
    scratch_write_text(&scratch, "t/s/a-1.dist-info/WHEEL", "Tag: py3-none-any\n");
    scratch_write_text(&scratch, "t/s/a-1.dist-info/RECORD", "a.py,,1\nb/../c,,\n");
    scratch_write_text(&scratch, "t/s/old.egg-info/top_level.txt", "old\n");
    scratch_write_text(&scratch, "t/s/a.py", "x");
    scratch_write_text(&scratch, "t/s/old.py", "x");
    scratch_write_text(&scratch, "t/s/x.pth", "import x\n");
    scratch_write_text(&scratch, "t/s/__pycache__/a.cpython-311.pyc", "bad");
    scratch_link(&scratch, "t/link", "s");
    snprintf(target, sizeof(target), "%s", scratch_path(&scratch, "t"));
    options.target = target;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_shipped *shipped = NULL;
        int result = thaw_shipped_read(&options, &shipped, NULL);

        chaos_malloc_pause();
        if (chaos_malloc_failed())
            assert_true(result == -ENOMEM || result == 0);
        else
            assert_int_equal(result, 0);
        thaw_shipped_free(shipped);
    }
}

/* A recording may name anything as a folder: the kernel says what of it was opened. */
static void what_is_no_folder_is_not_opened(void **state)
{
    const char *folders[] = {NULL, NULL, NULL};
    struct thaw_shipped_options options = {.target = "x", .root = "", .folders = folders};
    struct thaw_shipped *shipped;
    char events[4096];
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    (void)state;
    scratch_write_text(&scratch, "t/a.py", "x");
    folders[0] = scratch_path(&scratch, "pipe");
    folders[1] = scratch_path(&scratch, "t");
    assert_int_equal(mkfifo(folders[0], 0600), 0);
    assert_true(watch >= 0 && inotify_add_watch(watch, folders[0], IN_OPEN) >= 0);
    assert_int_equal(thaw_shipped_read(&options, &shipped, NULL), 0);
    assert_true(target_has_fault(shipped, folders[0], "no folder"));
    assert_int_equal(shipped->file_count, 1);
    assert_int_equal(read(watch, events, sizeof(events)), -1);
    assert_int_equal(errno, EAGAIN);
    close(watch);
    thaw_shipped_free(shipped);
}

/* pyvenv.cfg may name any file as the interpreter: it is looked at, and not opened. */
static void the_interpreter_named_is_not_opened(void **state)
{
    char configuration[512], events[4096];
    const char *pipe = scratch_path(&scratch, "python3.11");
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    struct thaw_shipped *shipped;

    (void)state;
    snprintf(configuration, sizeof(configuration), "version = 3.11.2\nexecutable = %s\n", pipe);
    scratch_write_text(&scratch, "t/pyvenv.cfg", configuration);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_true(watch >= 0 && inotify_add_watch(watch, pipe, IN_OPEN) >= 0);
    shipped = read_target(scratch_path(&scratch, "t"));
    assert_string_equal(shipped->python.executable, "");
    assert_int_equal(read(watch, events, sizeof(events)), -1);
    assert_int_equal(errno, EAGAIN);
    close(watch);
    thaw_shipped_free(shipped);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(sums_are_those_of_du),
        CASE(the_history_of_a_checkout_is_left_out),
        CASE(files_and_folders_are_in_the_order_of_names),
        CASE(hostile_entries_are_counted_and_never_opened),
        CASE(deeper_than_64_folders_is_a_fault),
        CASE(folders_that_cannot_be_opened_are_a_fault),
        CASE(targets_that_are_none),
        CASE(a_link_to_a_folder_and_a_slash_are_followed),
        CASE(content_stays_below_the_target),
        CASE(executables_are_known),
        CASE(kinds_are_told_by_name_and_place),
        CASE(several_folders_are_walked_once_each),
        CASE(distributions_are_in_the_order_of_the_folders_given),
        CASE(what_is_no_folder_is_not_opened),
        CASE(the_interpreter_named_is_not_opened),
        CASE(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
