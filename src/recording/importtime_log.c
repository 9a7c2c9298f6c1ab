/* SPDX-License-Identifier: Apache-2.0 */
#include "recording/importtime_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "python/importtime_line.h"
#include "recording/memory.h"
#include "thaw/version.h"

#define MARK "import time:"
#define MOST_BYTES ((size_t)64 << 20)
#define MOST_IMPORTS 500000
#define MOST_NAME 65536 /* what a recording's text may have */
#define MOST_NS (UINT64_C(1) << 61)

/* An import whose importer's line has not come yet. */
struct waiting {
    uint64_t depth;
    uint64_t total_ns;
};

struct log {
    struct thaw_recording *recording;
    struct thaw_arena *arena;
    THAW_ARRAY(struct waiting) waiting; /* of the process that is read */
    uint32_t processes;
    bool headed;     /* a head was seen, and no import of that process yet */
    size_t imports;  /* of all */
    uint64_t now_ns; /* the imports so far, one behind the other */
    size_t cached;   /* lines of modules that were there already */
    size_t others;   /* lines that are no report */
    size_t broken;   /* lines that begin as one */
    bool too_many;   /* imports: the rest was not read */
    struct thaw_error *error;
};

static struct thaw_event *add_event(struct log *log, enum thaw_event_kind kind, uint32_t pid)
{
    struct thaw_event *event = thaw_array_add(&log->recording->memory->events);

    if (!event) {
        thaw_error_memory(log->error);
        return NULL;
    }
    event->kind = kind;
    event->time_ns = log->now_ns;
    event->pid = event->tid = pid;
    return event;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Its head may be cut off from the first one's report. */
static void begin_process(struct log *log)
{
    log->processes++;
    log->headed = false;
    log->waiting.count = 0;
}

/* The time that passed since the line before: what the import took, less what it waited for. */
static uint64_t take_children_out(struct log *log, const struct thaw_importtime_line *line)
{
    uint64_t rest_ns = line->total_ns;

    while (log->waiting.count && log->waiting.items[log->waiting.count - 1].depth > line->depth) {
        uint64_t child_ns = log->waiting.items[--log->waiting.count].total_ns;

        rest_ns -= child_ns < rest_ns ? child_ns : rest_ns;
    }
    return rest_ns;
}

static int add_import(struct log *log, const struct thaw_importtime_line *line)
{
    struct waiting *waiting;
    struct thaw_event *event;

    if (!log->processes || log->headed)
        begin_process(log);
    log->now_ns += take_children_out(log, line);
    event = add_event(log, THAW_EVENT_IMPORT_TIMED, log->processes);
    waiting = event ? thaw_array_add(&log->waiting) : NULL;
    if (!waiting)
        return thaw_error_memory(log->error);
    *waiting = (struct waiting){line->depth, line->total_ns};
    event->import_timed.name = thaw_arena_text(log->arena, line->name, line->name_bytes);
    event->import_timed.depth = line->depth;
    event->import_timed.self_ns = line->self_ns;
    event->import_timed.total_ns = line->total_ns;
    return event->import_timed.name ? 0 : thaw_error_memory(log->error);
}

static int take_import(struct log *log, const struct thaw_importtime_line *line)
{
    if (line->name_bytes > MOST_NAME || line->total_ns > MOST_NS ||
        log->now_ns > MOST_NS - line->total_ns) {
        log->broken++;
        return 0;
    }
    if (log->imports == MOST_IMPORTS) {
        log->too_many = true;
        return 0;
    }
    log->imports++;
    return add_import(log, line);
}

/* What a line is from its first "import time:" on that a line can begin with. */
static enum thaw_importtime_kind find_line(const char *bytes, size_t length,
                                           struct thaw_importtime_line *ret)
{
    enum thaw_importtime_kind kind = THAW_IMPORTTIME_OTHER, first = THAW_IMPORTTIME_OTHER;
    const char *end = bytes + length, *from = bytes;

    for (const char *mark; (mark = memmem(from, (size_t)(end - from), MARK, strlen(MARK)));
         from = mark + strlen(MARK)) {
        kind = thaw_importtime_parse(mark, (size_t)(end - mark), ret);
        if (kind != THAW_IMPORTTIME_BROKEN)
            return kind;
        if (mark == bytes)
            first = kind;
    }
    return first;
}

static int take_line(struct log *log, const char *bytes, size_t length)
{
    struct thaw_importtime_line line;

    switch (find_line(bytes, length, &line)) {
    case THAW_IMPORTTIME_IMPORT:
        return take_import(log, &line);
    case THAW_IMPORTTIME_HEADER:
        log->headed = true;
        break;
    case THAW_IMPORTTIME_CACHED:
        log->cached++;
        break;
    case THAW_IMPORTTIME_BROKEN:
        log->broken++;
        break;
    case THAW_IMPORTTIME_OTHER:
        log->others += length > 0;
        break;
    }
    return 0;
}

static int take_lines(struct log *log, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    int code = 0;

    for (const char *line = bytes; !code && line < end && !log->too_many;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        const char *next = line_end ? line_end + 1 : end;

        if (!line_end)
            line_end = end;
        if (line_end > line && line_end[-1] == '\r')
            line_end--;
        code = take_line(log, line, (size_t)(line_end - line));
        line = next;
    }
    return code;
}

static int add_session(struct log *log)
{
    struct thaw_event *event = add_event(log, THAW_EVENT_SESSION_BEGIN, 0);

    if (!event)
        return -ENOMEM;
    event->session_begin = (struct thaw_session_begin){
        .tool_version = THAW_VERSION,
        .backend = THAW_IMPORTTIME_LOG_BACKEND,
        .kernel = "",
        .arch = "",
        .directory = "",
        .until = "",
        .platform = "",
        .session = "",
        .cold = "",
    };
    return 0;
}

static const char *passed_over(struct log *log)
{
    if (!log->others && !log->cached)
        return "";
    if (!log->cached)
        return thaw_arena_format(log->arena, "%zu other line%s of the log", log->others,
                                 plural(log->others));
    return thaw_arena_format(log->arena,
                             "%zu line%s about modules that were loaded already, and %zu other "
                             "line%s of the log",
                             log->cached, plural(log->cached), log->others, plural(log->others));
}

static int add_probe(struct log *log, const char *name)
{
    struct thaw_event *event = add_event(log, THAW_EVENT_PROBE, 0);
    const char *target = thaw_arena_string(log->arena, name), *without = passed_over(log);
    const char *how =
        thaw_arena_format(log->arena, "%zu import%s of %u process%s", log->imports,
                          plural(log->imports), log->processes, log->processes == 1 ? "" : "es");

    if (!event || !target || !without || !how)
        return thaw_error_memory(log->error);
    event->probe = (struct thaw_probe){
        .name = THAW_IMPORTTIME_LOG_PROBE,
        .target = target,
        .status = "attached",
        .how = how,
        .reason = "",
        .without = without,
    };
    return 0;
}

static int add_loss(struct log *log)
{
    struct thaw_event *event;

    if (!log->broken)
        return 0;
    event = add_event(log, THAW_EVENT_LOSS, 0);
    if (!event)
        return -ENOMEM;
    event->loss.cause = "log-lines-broken";
    event->loss.count = log->broken;
    event->loss.what = thaw_arena_format(log->arena,
                                         "%zu line%s of the log begin%s as one of the import "
                                         "report, and do%s not go on as one",
                                         log->broken, plural(log->broken),
                                         log->broken == 1 ? "s" : "", log->broken == 1 ? "es" : "");
    return event->loss.what ? 0 : thaw_error_memory(log->error);
}

static int add_end(struct log *log)
{
    struct thaw_event *event = add_event(log, THAW_EVENT_SESSION_END, 0);

    if (!event)
        return -ENOMEM;
    event->session_end = (struct thaw_session_end){.reason = "", .exit_status = -1};
    return 0;
}

/* A log of Windows PowerShell is UTF-16. */
static bool is_utf16(const char *bytes, size_t length)
{
    return length >= 2 && (!memcmp(bytes, "\xFF\xFE", 2) || !memcmp(bytes, "\xFE\xFF", 2));
}

static int check(const struct log *log, const char *name, const char *bytes, size_t length)
{
    if (log->too_many)
        return thaw_error_set(log->error, -EFBIG,
                              "%s holds more than %d imports; give a part of it", name,
                              MOST_IMPORTS);
    if (log->imports)
        return 0;
    if (!length)
        return thaw_error_set(log->error, -EINVAL,
                              "%s is empty; `python -X importtime` writes its report to standard "
                              "error",
                              name);
    if (is_utf16(bytes, length))
        return thaw_error_set(log->error, -EINVAL,
                              "%s is UTF-16; make UTF-8 of it first: iconv -f UTF-16 -t UTF-8",
                              name);
    return thaw_error_set(log->error, -EINVAL,
                          "%s has no line of an import report; `python -X importtime` writes it to "
                          "standard error",
                          name);
}

static int read_log(struct log *log, const char *name, const char *bytes, size_t length)
{
    int code = add_session(log);

    if (!code)
        code = take_lines(log, bytes, length);
    if (!code)
        code = check(log, name, bytes, length);
    if (!code)
        code = add_probe(log, name);
    if (!code)
        code = add_loss(log);
    if (!code)
        code = add_end(log);
    return code;
}

int thaw_importtime_log_parse(const char *name, const char *bytes, size_t length,
                              struct thaw_recording **ret, struct thaw_error *error)
{
    struct log log = {.recording = thaw_recording_new(), .error = error};
    int code;

    if (!log.recording)
        return thaw_error_memory(error);
    log.arena = &log.recording->memory->arena;
    code = read_log(&log, name, bytes, length);
    thaw_array_free(&log.waiting);
    if (code) {
        thaw_recording_free(log.recording);
        return code;
    }
    log.recording->finished = true;
    log.recording->events = log.recording->memory->events.items;
    log.recording->count = log.recording->memory->events.count;
    *ret = log.recording;
    return 0;
}

/* A folder can be opened, and not be read. */
static int open_log(const char *path, struct thaw_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;

    if (descriptor < 0)
        return thaw_error_system(error, -errno, "%s can't be read", path);
    if (fstat(descriptor, &status) || !S_ISDIR(status.st_mode))
        return descriptor;
    close(descriptor);
    return thaw_error_set(error, -EISDIR,
                          "%s is a folder; --from importtime takes a file, or - for "
                          "standard input",
                          path);
}

int thaw_importtime_log_load(const char *path, struct thaw_recording **ret,
                             struct thaw_error *error)
{
    bool input = !strcmp(path, "-");
    const char *name = input ? "standard input" : path;
    int descriptor = input ? STDIN_FILENO : open_log(path, error), code;
    char *bytes = NULL;
    size_t length = 0;

    if (descriptor < 0)
        return descriptor;
    code = thaw_read_at_most(descriptor, MOST_BYTES, &bytes, &length);
    if (!input)
        close(descriptor);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return thaw_error_system(error, code, "%s can't be read", name);
    if (length > MOST_BYTES)
        code =
            thaw_error_set(error, -EFBIG,
                           "%s is larger than the %zu MiB that are read of a log; keep the lines "
                           "of the report: grep 'import time:'",
                           name, MOST_BYTES >> 20);
    else
        code = thaw_importtime_log_parse(name, bytes, length, ret, error);
    free(bytes);
    return code;
}

bool thaw_importtime_log_is_file(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char bytes[THAW_READ_BYTES];
    struct stat status;
    size_t length = 0;
    bool read = descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
                thaw_read_whole(descriptor, bytes, sizeof(bytes), &length) == 0;

    if (descriptor >= 0)
        close(descriptor);
    return read && memmem(bytes, length, MARK, strlen(MARK));
}
