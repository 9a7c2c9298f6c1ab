/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/openat2.h>

/*
 * Known numbers of system calls, for test_counts.py, which has them: "nothing FOLDER" makes none,
 * "calls" all of them, "threads" the same on three threads besides, "exec" once before and once
 * after it executes itself, "fork" in a child. FOLDER has the files a, b and c, 100 bytes each.
 * "busy FOLDER" is 50 ms on the CPU.
 */
enum { NOW = AT_FDCWD };

static char own[4096];

static void fail_to_find(const char *path)
{
    struct open_how how = {.flags = O_RDONLY};
    char buffer[256];

    syscall(SYS_open, path, O_RDONLY, 0);
    syscall(SYS_openat, NOW, path, O_RDONLY, 0);
    syscall(SYS_openat2, NOW, path, &how, sizeof(how));
    syscall(SYS_stat, path, buffer);
    syscall(SYS_lstat, path, buffer);
    syscall(SYS_newfstatat, NOW, path, buffer, 0);
    syscall(SYS_statx, NOW, path, 0, 0, buffer);
    syscall(SYS_access, path, 0);
    syscall(SYS_faccessat, NOW, path, 0);
    syscall(SYS_faccessat2, NOW, path, 0, 0);
    syscall(SYS_readlink, path, buffer, 1);
    syscall(SYS_readlinkat, NOW, path, buffer, 1);
    syscall(SYS_unlink, path); /* none of them: it does not look for anything */
}

/* 7 + 11 + 4 + 6 + 6 = 34 bytes. */
static void read_it(int file)
{
    char bytes[16];
    struct iovec parts[2] = {{bytes, 2}, {bytes + 2, 2}};

    syscall(SYS_read, file, bytes, 7);
    syscall(SYS_pread64, file, bytes, 11, 0);
    syscall(SYS_readv, file, parts, 2);
    parts[1].iov_len = 4;
    syscall(SYS_preadv, file, parts, 2, 0, 0);
    syscall(SYS_preadv2, file, parts, 2, 0, 0, 0);
    syscall(SYS_read, -1, bytes, 16);
    syscall(SYS_read, file, bytes, 0);
}

static void map_it(int file, int device)
{
    for (int i = 0; i < 2; i++)
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
    mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, device, 0);
    mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, -1, 0);
}

/* 6 opened, 24 not found, 3 x 34 bytes read, 3 files mapped; nothing is left open. */
static void make_calls(void)
{
    struct open_how how = {.flags = O_RDONLY};
    int zero = (int)syscall(SYS_openat, NOW, "/dev/zero", O_RDONLY, 0);
    int files[] = {(int)syscall(SYS_open, "a", O_RDONLY, 0),
                   (int)syscall(SYS_openat, NOW, "b", O_RDONLY, 0),
                   (int)syscall(SYS_openat2, NOW, "c", &how, sizeof(how)),
                   (int)syscall(SYS_open, ".", O_RDONLY | O_DIRECTORY, 0),
                   (int)syscall(SYS_openat, NOW, "a", O_WRONLY, 0)};

    for (int i = 0; i < 3; i++) {
        read_it(files[i]);
        map_it(files[i], zero);
    }
    fail_to_find("nothing-here");
    fail_to_find("a/below-a-file");
    for (int i = 0; i < 5; i++)
        close(files[i]);
    close(zero);
}

static void *on_thread(void *unused)
{
    make_calls();
    return unused;
}

static void with_threads(void)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, on_thread, NULL))
            exit(3);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    make_calls();
}

static void in_child(void)
{
    pid_t child = fork();

    if (child == 0) {
        make_calls();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void be_busy(void)
{
    struct timespec spent;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    while (spent.tv_sec == 0 && spent.tv_nsec < 50 * 1000 * 1000);
}

int main(int count, char **words)
{
    const char *what = count > 2 ? words[1] : "";

    if (!realpath(words[0], own) || count < 3 || chdir(words[2]))
        return 2;
    if (!strcmp(what, "exec")) {
        make_calls();
        execl(own, own, "calls", ".", NULL);
        return 4;
    }
    if (!strcmp(what, "calls"))
        make_calls();
    else if (!strcmp(what, "threads"))
        with_threads();
    else if (!strcmp(what, "fork"))
        in_child();
    else if (!strcmp(what, "busy"))
        be_busy();
    return 0;
}
