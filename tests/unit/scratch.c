/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "scratch: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

void scratch_make(struct scratch *scratch)
{
    char name[] = "/tmp/thaw-test-XXXXXX", resolved[PATH_MAX];

    if (!mkdtemp(name) || !realpath(name, resolved) || strlen(resolved) >= sizeof(scratch->path))
        fail("cannot make", name);
    strcpy(scratch->path, resolved);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void)status, (void)type, (void)position;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    if (nftw(scratch->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail("cannot remove", scratch->path);
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];

    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", scratch->path, name) >= PATH_MAX)
        fail("too long", name);
    return path;
}

/* mkdir -p of what stands before the last slash of name. */
static void make_parents(const struct scratch *scratch, const char *name)
{
    char part[PATH_MAX];

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *path;

        snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
        path = scratch_path(scratch, part);
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            fail("cannot make", path);
    }
}

const char *scratch_write(const struct scratch *scratch, const char *name, const void *bytes,
                          size_t length)
{
    const char *path;
    FILE *file;

    make_parents(scratch, name);
    path = scratch_path(scratch, name);
    file = fopen(path, "we");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        fail("cannot write", path);
    return path;
}

const char *scratch_write_text(const struct scratch *scratch, const char *name, const char *text)
{
    return scratch_write(scratch, name, text, strlen(text));
}

const char *scratch_folder(const struct scratch *scratch, const char *name)
{
    const char *path;

    make_parents(scratch, name);
    path = scratch_path(scratch, name);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        fail("cannot make", path);
    return path;
}

const char *scratch_link(const struct scratch *scratch, const char *name, const char *target)
{
    const char *path;

    make_parents(scratch, name);
    path = scratch_path(scratch, name);
    if (symlink(target, path) < 0)
        fail("cannot link", path);
    return path;
}

const char *scratch_copy(const struct scratch *scratch, const char *name, const char *from)
{
    const char *path;
    char *said;

    make_parents(scratch, name);
    path = scratch_path(scratch, name);
    said = scratch_output("cp -L --preserve=mode '%s' '%s'", from, path);
    if (!said)
        fail("cannot copy", from);
    free(said);
    return path;
}

char *scratch_output(const char *format, ...)
{
    char command[8192], *text = NULL;
    size_t capacity = 0;
    va_list arguments;
    ssize_t length;
    FILE *pipe;

    va_start(arguments, format);
    vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    pipe = popen(command, "re");
    if (!pipe)
        fail("cannot run", command);
    length = getdelim(&text, &capacity, '\0', pipe);
    if (pclose(pipe) != 0) {
        free(text);
        return NULL;
    }
    if (length < 0 && text)
        *text = '\0';
    return text;
}

bool scratch_compile(const struct scratch *scratch, const char *name, const char *source,
                     const char *options)
{
    const char *source_path = scratch_write_text(scratch, "scratch.c", source);
    char *said;

    make_parents(scratch, name);
    said = scratch_output("cc -w -o '%s' %s '%s' 2>/dev/null", scratch_path(scratch, name), options,
                          source_path);
    free(said);
    return said != NULL;
}
