/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "chaos_malloc.h"

static struct {
    enum chaos_malloc_mode mode;
    bool armed;
    bool begun;
    size_t round;        /* which allocation is to fail, from 0 */
    _Atomic size_t seen; /* allocations of this round: not all threads may be of the test */
    size_t failed;       /* of these, how many were failed */
} chaos;

/* Weak, so that a program linked without --wrap still links; then nothing calls them. */
#define REAL __attribute__((weak))
REAL void *__real_malloc(size_t size);
REAL void *__real_calloc(size_t count, size_t size);
REAL void *__real_realloc(void *memory, size_t size);
REAL void *__real_reallocarray(void *memory, size_t count, size_t size);
REAL char *__real_strdup(const char *string);
REAL char *__real_strndup(const char *string, size_t size);
REAL int __real_vasprintf(char **ret, const char *format, va_list arguments);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
char *__wrap_strdup(const char *string);
char *__wrap_strndup(const char *string, size_t size);
int __wrap_vasprintf(char **ret, const char *format, va_list arguments);

static bool must_fail(void)
{
    size_t index = chaos.seen++;

    if (!chaos.armed || index < chaos.round || (index > chaos.round && chaos.mode == CHAOS_ONE))
        return false;
    chaos.failed++;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return must_fail() ? NULL : __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return must_fail() ? NULL : __real_reallocarray(memory, count, size);
}

char *__wrap_strdup(const char *string)
{
    return must_fail() ? NULL : __real_strdup(string);
}

char *__wrap_strndup(const char *string, size_t size)
{
    return must_fail() ? NULL : __real_strndup(string, size);
}

int __wrap_vasprintf(char **ret, const char *format, va_list arguments)
{
    return must_fail() ? -1 : __real_vasprintf(ret, format, arguments);
}

bool chaos_malloc_works(void)
{
    void *(*volatile allocate)(size_t) = malloc;
    size_t before = chaos.seen;

    free(allocate(1));
    return chaos.seen != before;
}

void chaos_malloc_begin(enum chaos_malloc_mode mode)
{
    chaos.mode = mode;
    chaos.begun = false;
    chaos.round = 0;
}

bool chaos_malloc_more(void)
{
    if (chaos.begun && chaos.failed == 0) {
        chaos.armed = false;
        return false;
    }
    chaos.round = chaos.begun ? chaos.round + 1 : 0;
    chaos.begun = true;
    chaos.seen = 0;
    chaos.failed = 0;
    chaos.armed = true;
    return true;
}

void chaos_malloc_pause(void)
{
    chaos.armed = false;
}

bool chaos_malloc_failed(void)
{
    return chaos.failed > 0;
}
