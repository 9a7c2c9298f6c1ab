/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/traced.h"
#include "chaos_malloc.h"
#include "scratch.h"

/* What a tracer knows, told of threads of this very process, which are there to be looked up. */

#define THREADS 2
#define NOBODY 400000000 /* no process has such a number */

static struct scratch scratch;
static pthread_t threads[THREADS];
static pid_t tids[THREADS];
static pthread_barrier_t begun, over;
static struct thaw_traced traced;

static void *wait_there(void *tid)
{
    *(pid_t *)tid = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&over);
    return NULL;
}

static int begin(void **state)
{
    (void)state;
    pthread_barrier_init(&begun, NULL, THREADS + 1);
    pthread_barrier_init(&over, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_there, &tids[i]), 0);
    pthread_barrier_wait(&begun);
    memset(&traced, 0, sizeof(traced));
    traced.root = getpid();
    return 0;
}

static int end(void **state)
{
    (void)state;
    thaw_traced_free(&traced);
    pthread_barrier_wait(&over);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&begun);
    pthread_barrier_destroy(&over);
    return 0;
}

static struct thaw_traced_thread *root(void)
{
    struct thaw_traced_thread *thread = thaw_traced_thread(&traced, getpid());

    assert_non_null(thread);
    return thread;
}

static void test_a_thread_is_counted_once(void **state)
{
    struct thaw_traced_thread *parent = root(), *thread;

    (void)state;
    thread = thaw_traced_thread(&traced, tids[0]); /* by its own stop first */
    assert_ptr_equal(thread->process, parent->process);
    assert_false(thread->announced);
    thaw_traced_started(&traced, parent, tids[0]);
    assert_ptr_equal(thaw_traced_thread(&traced, tids[0]), thread);
    assert_true(thread->announced);
    thaw_traced_started(&traced, parent, tids[1]); /* by its parent first */
    assert_ptr_equal(thaw_traced_thread(&traced, tids[1])->process, parent->process);
    assert_int_equal(parent->process->counts.threads, 3);
    assert_int_equal(parent->process->threads, 3);
}

static void test_one_that_ends_before_it_is_told_of(void **state)
{
    struct thaw_traced_thread *parent = root();

    (void)state;
    thaw_traced_exits(&traced, thaw_traced_thread(&traced, tids[0]));
    assert_int_equal(parent->process->threads, 1);
    thaw_traced_started(&traced, parent, tids[0]);
    assert_int_equal(parent->process->threads, 1);
    assert_int_equal(parent->process->counts.threads, 2);
    assert_int_equal(HASH_COUNT(traced.threads), 1);
    thaw_traced_started(&traced, parent, tids[0]); /* the number again, another one's now */
    assert_int_equal(parent->process->threads, 2);
    assert_int_equal(parent->process->counts.threads, 3);
}

static void test_one_that_nobody_can_look_up(void **state)
{
    struct thaw_traced_thread *parent = root();

    (void)state;
    thaw_traced_started(&traced, parent, NOBODY); /* a thread, for all that is known */
    assert_int_equal(parent->process->counts.threads, 2);
    assert_int_equal(thaw_traced_thread(&traced, NOBODY + 1)->process->pid, NOBODY + 1);
    thaw_traced_gone(&traced, NOBODY);
    thaw_traced_gone(&traced, NOBODY); /* twice, or of a stranger: nothing */
    thaw_traced_gone(&traced, NOBODY + 2);
    thaw_traced_started(&traced, parent, 0);
    assert_int_equal(parent->process->threads, 1);
}

static struct thaw_call_entry mapping(int descriptor)
{
    return (struct thaw_call_entry){
        .number = SYS_mmap, .arguments = {0, 1, PROT_EXEC, MAP_PRIVATE, (uint64_t)descriptor, 0}};
}

static void map_file(struct thaw_traced_thread *thread, int descriptor)
{
    struct thaw_call_entry entry = mapping(descriptor);

    thaw_traced_enter(thread, &entry);
    thaw_traced_leave(thread, 0x7f0000000000);
    thaw_traced_leave(thread, 0x7f0000000000); /* without an entry */
}

static void test_files_are_counted_by_what_they_are(void **state)
{
    struct thaw_traced_thread *thread = root();
    int first = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int again = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int other = open("Makefile", O_RDONLY | O_CLOEXEC);
    int device = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const int all[] = {first, again, other, device, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        map_file(thread, all[i]);
    assert_int_equal(thread->process->counts.mapped_libraries, 2);
    assert_int_equal(thread->process->counts.system_calls, 5);
    thaw_traced_executed(&traced, thread);
    assert_int_equal(thread->process->counts.system_calls, 0);
    map_file(thread, first);
    assert_int_equal(thread->process->counts.mapped_libraries, 1);
    for (size_t i = 0; i < 4; i++)
        close(all[i]);
}

static void test_exec_leaves_one_thread(void **state)
{
    struct thaw_traced_thread *parent = root();

    (void)state;
    thaw_traced_thread(&traced, tids[0]);
    thaw_traced_started(&traced, parent, tids[1]);
    thaw_traced_executed(&traced, parent);
    assert_int_equal(parent->process->threads, 1);
    assert_int_equal(parent->process->counts.threads, 1);
    assert_int_equal(parent->process->execs.count, 1);
    thaw_traced_started(&traced, parent, tids[0]); /* told late: it is gone */
    assert_int_equal(parent->process->threads, 1);
}

/* The events of a kind in the recording at a path; the last one in *ret. */
static size_t count_events(const struct thaw_recording *recording, uint16_t kind,
                           const struct thaw_event **ret)
{
    size_t count = 0;

    for (size_t i = 0; i < recording->count; i++) {
        if (recording->events[i].kind != kind)
            continue;
        *ret = &recording->events[i];
        count++;
    }
    return count;
}

static void test_what_is_stored(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_recording *recording = NULL;
    struct thaw_traced_thread *parent = root();
    struct thaw_call_entry fork = {.number = SYS_fork}, open_call = {.number = SYS_openat};
    const struct thaw_event *event = NULL;
    struct thaw_error error = {0};
    const char *path = scratch_path(&scratch, "recording.thaw");

    (void)state;
    thaw_traced_enter(parent, &fork);
    thaw_traced_thread(&traced, NOBODY); /* a child: it has a number of its own */
    thaw_traced_started(&traced, parent, NOBODY);
    thaw_traced_enter(parent, &open_call);
    thaw_traced_leave(parent, 3);
    thaw_traced_gone(&traced, NOBODY);
    assert_int_equal(thaw_recording_writer_open(path, &writer, &error), 0);
    assert_int_equal(thaw_traced_store(&traced, "duration", writer, &error), 0);
    assert_int_equal(thaw_recording_writer_close(writer, &error), 0);
    assert_int_equal(thaw_recording_load(path, &recording, &error), 0);
    assert_int_equal(count_events(recording, THAW_EVENT_PROCESS_FORK, &event), 1);
    assert_int_equal(event->pid, NOBODY);
    assert_int_equal(event->process_fork.parent, getpid());
    assert_int_equal(count_events(recording, THAW_EVENT_PROCESS_COUNTS, &event), 2);
    assert_int_equal(event->pid, NOBODY); /* the first process comes first */
    assert_string_equal(event->process_counts.until, "exit");
    assert_int_equal(event->process_counts.known & THAW_COUNTED_CPU, 0);
    event--;
    while (event->kind != THAW_EVENT_PROCESS_COUNTS)
        event--;
    assert_string_equal(event->process_counts.by, "ptrace");
    assert_string_equal(event->process_counts.until, "duration");
    assert_int_equal(event->process_counts.system_calls, 2);
    assert_int_equal(event->process_counts.files_opened, 1);
    assert_true(event->process_counts.known & THAW_COUNTED_CPU);
    thaw_recording_free(recording);
}

static void test_memory(void **state)
{
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_traced_thread *parent = thaw_traced_thread(&traced, getpid());

        if (parent) {
            thaw_traced_started(&traced, parent, tids[0]);
            thaw_traced_thread(&traced, tids[1]);
            map_file(parent, file);
            assert_true(parent->process->mapped_beyond ||
                        parent->process->counts.mapped_libraries == 1);
            thaw_traced_executed(&traced, parent);
        }
        chaos_malloc_pause();
        assert_true(parent || chaos_malloc_failed());
        thaw_traced_free(&traced);
        memset(&traced, 0, sizeof(traced));
        traced.root = getpid();
    }
    close(file);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_thread_is_counted_once, begin, end),
        cmocka_unit_test_setup_teardown(test_one_that_ends_before_it_is_told_of, begin, end),
        cmocka_unit_test_setup_teardown(test_one_that_nobody_can_look_up, begin, end),
        cmocka_unit_test_setup_teardown(test_files_are_counted_by_what_they_are, begin, end),
        cmocka_unit_test_setup_teardown(test_exec_leaves_one_thread, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_stored, begin, end),
        cmocka_unit_test_setup_teardown(test_memory, begin, end),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
