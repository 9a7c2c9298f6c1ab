/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_facts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/read_whole.h"

#define LOCK_BYTES_MOST ((size_t)64 << 20)
#define CPUINFO_BYTES_MOST ((size_t)64 << 10)
#define GIT_BYTES_MOST ((size_t)1024)

/* --- the lock file --- */

static const char *const lock_files[] = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock",
                                         "requirements.txt"};

static int digest(int fd, const char *path, const char *name, struct thaw_arena *arena,
                  struct thaw_gate_lock *ret, struct thaw_error *error)
{
    size_t length = 0;
    char *bytes = NULL;
    int failed = thaw_read_at_most(fd, LOCK_BYTES_MOST, &bytes, &length);
    XXH128_canonical_t canonical;
    char text[2 * sizeof(canonical.digest) + 1];

    if (failed)
        return failed == -ENOMEM ? thaw_error_memory(error)
                                 : thaw_error_system(error, failed, "%s can't be read", path);
    if (length > LOCK_BYTES_MOST) {
        free(bytes);
        return thaw_error_set(error, -EFBIG, "%s has more than %zu MiB: it is no lock file", path,
                              LOCK_BYTES_MOST >> 20);
    }
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    free(bytes);
    for (size_t i = 0; i < sizeof(canonical.digest); i++)
        snprintf(text + 2 * i, 3, "%02x", canonical.digest[i]);
    ret->name = name;
    ret->digest = thaw_arena_string(arena, text);
    return ret->digest ? 0 : thaw_error_memory(error);
}

/* A regular file of that name is the one; 1: there is none. */
static int look(const char *folder, const char *name, struct thaw_arena *arena,
                struct thaw_gate_lock *ret, struct thaw_error *error)
{
    const char *path = thaw_arena_format(arena, "%s/%s", folder, name);
    struct stat status;
    int fd, code = 1;

    if (!path)
        return thaw_error_memory(error);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 1
                   : thaw_error_system(error, -errno, "%s can't be read", path);
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        code = digest(fd, path, name, arena, ret, error);
    close(fd);
    return code;
}

int thaw_gate_lock_find(const char *const *folders, size_t count, struct thaw_arena *arena,
                        struct thaw_gate_lock *ret, struct thaw_error *error)
{
    *ret = (struct thaw_gate_lock){"", ""};
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; folders[i] && n < sizeof(lock_files) / sizeof(lock_files[0]); n++) {
            int code = look(folders[i], lock_files[n], arena, ret, error);

            if (code <= 0)
                return code;
        }
    }
    return 0;
}

/* --- the machine --- */

const char *thaw_gate_cpu_model(struct thaw_arena *arena)
{
    static const char key[] = "\nmodel name";
    int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    char *bytes = NULL, *found;
    const char *model = "";
    size_t length = 0;

    if (fd < 0)
        return "";
    if (thaw_read_at_most(fd, CPUINFO_BYTES_MOST, &bytes, &length)) {
        close(fd);
        return "";
    }
    close(fd);
    found = memmem(bytes, length, key, sizeof(key) - 1);
    found = found ? memchr(found, ':', (size_t)(bytes + length - found)) : NULL;
    if (found) {
        size_t left = (size_t)(bytes + length - found), end;
        const char *line_end = memchr(found, '\n', left);

        for (found++, left--; left && *found == ' '; left--)
            found++;
        end = line_end ? (size_t)(line_end - found) : left;
        model = thaw_arena_text(arena, found, end);
    }
    free(bytes);
    return model;
}

const char *thaw_gate_today(struct thaw_arena *arena)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[32] = "";

    if (gmtime_r(&now, &utc))
        strftime(text, sizeof(text), "%Y-%m-%d", &utc);
    return thaw_arena_string(arena, text);
}

/* --- git --- */

/* In the child: git says one line, or nothing. */
static void run_git(const char *folder, const char *const *arguments, int output)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t none;

    sigemptyset(&none);
    if (nowhere < 0 || dup2(nowhere, 0) < 0 || dup2(output, 1) < 0 || dup2(nowhere, 2) < 0 ||
        (folder && chdir(folder)) || sigprocmask(SIG_SETMASK, &none, NULL))
        _exit(127);
    execvp(arguments[0], (char *const *)arguments);
    _exit(127);
}

/* The first line of what it says; "" where it fails. */
static const char *ask_git(const char *folder, const char *const *arguments,
                           struct thaw_arena *arena)
{
    int ends[2], status = -1;
    char line[GIT_BYTES_MOST];
    size_t length = 0;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC))
        return "";
    fflush(NULL);
    child = fork();
    if (!child)
        run_git(folder, arguments, ends[1]);
    close(ends[1]);
    if (child > 0 && thaw_read_whole(ends[0], line, sizeof(line), &length))
        length = 0;
    close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child <= 0 || status)
        return "";
    for (size_t i = 0; i < length; i++)
        if (line[i] == '\n')
            length = i;
    return thaw_arena_text(arena, line, length);
}

const char *thaw_gate_commit(const char *folder, struct thaw_arena *arena)
{
    static const char *const arguments[] = {"git", "rev-parse", "--verify", "HEAD", NULL};
    const char *commit = ask_git(folder, arguments, arena);

    for (const char *letter = commit; letter && *letter; letter++)
        if (!isxdigit((unsigned char)*letter))
            return "";
    return commit;
}

const char *thaw_gate_branch(const char *folder, struct thaw_arena *arena)
{
    static const char *const arguments[] = {"git", "symbolic-ref", "--short", "HEAD", NULL};

    return ask_git(folder, arguments, arena);
}

static const char *first_variable(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);

        if (value && *value)
            return value;
    }
    return "";
}

const char *thaw_gate_commit_of_ci(void)
{
    static const char *const names[] = {"GITHUB_SHA", "CI_COMMIT_SHA", NULL};

    return first_variable(names);
}

/* That of a pull request has a name of its own there. */
const char *thaw_gate_branch_of_ci(void)
{
    static const char *const names[] = {"GITHUB_HEAD_REF", "GITHUB_REF_NAME",
                                        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME",
                                        NULL};

    return first_variable(names);
}
