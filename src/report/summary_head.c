/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "recording/importtime_log.h"
#include "report/summary_parts.h"

enum { most_failures = 5, most_signs = 4 };

static const json_t *run_of(const struct thaw_summary *summary)
{
    return json_object_get(summary->report, "run");
}

static bool is_log(const struct thaw_summary *summary)
{
    return thaw_summary_has_backend(summary, THAW_IMPORTTIME_LOG_BACKEND);
}

/* "thaw: imports of startup.log" */
static const char *log_line(struct thaw_summary *summary)
{
    const json_t *probes = json_object_get(summary->report, "probes"), *probe;
    size_t i;

    json_array_foreach(probes, i, probe)
    {
        const char *name = json_string_value(json_object_get(probe, "name"));

        if (name && !strcmp(name, THAW_IMPORTTIME_LOG_PROBE))
            return thaw_summary_format(summary, "thaw: imports of %s",
                                       thaw_summary_text(summary, probe, "target"));
    }
    return "thaw: imports of a log";
}

/* The command in one line; arguments with spaces in quotes, for people and not for a shell. */
static const char *command_line(struct thaw_summary *summary)
{
    const json_t *run = run_of(summary);
    size_t count = json_array_size(json_object_get(run, "command"));
    const char *line = "thaw:";

    if (!count && is_log(summary))
        return log_line(summary);
    if (!count)
        return "thaw: recording of running processes";
    for (size_t i = 0; i < count && thaw_summary_columns(line) <= summary->width; i++) {
        const char *word = thaw_summary_item(summary, run, "command", i);
        const char *quote = *word && !strchr(word, ' ') ? "" : "'";

        line = thaw_summary_format(summary, "%s %s%s%s", line, quote, word, quote);
    }
    return line;
}

/* "Platform: azure_functions (by --functions-worker-id, --port)": how the worker was told. */
static void write_platform(struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    const char *words = thaw_summary_joined(summary, process, "signs", most_signs);

    if (*words)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "",
                               thaw_summary_format(summary, "Platform: %s (by %s)",
                                                   thaw_summary_text(summary, process, "platform"),
                                                   words));
}

/* Of the headline's worker, else of the first process that has one. */
static const char *python_version(struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    const char *version = thaw_summary_text(summary, process, "python");
    size_t i;

    if (*version)
        return version;
    json_array_foreach(json_object_get(summary->report, "processes"), i, process)
    {
        version = thaw_summary_text(summary, process, "python");
        if (*version)
            return version;
    }
    return "";
}

/* RFC 3339 to "2026-11-23 03:00 UTC"; anything else stays as it is. */
static const char *minute(struct thaw_summary *summary, const char *started)
{
    if (strlen(started) < sizeof("2026-11-23T03:00:00Z") - 1 || started[10] != 'T')
        return started;
    return thaw_summary_format(summary, "%.10s %.5s UTC", started, started + 11);
}

/* "azure_functions, Python 3.11.2, ebpf, Linux 6.1, 2026-11-23 03:00 UTC", of what is known */
void thaw_summary_context(struct thaw_summary *summary, const json_t *unused)
{
    const json_t *run = run_of(summary);
    const json_t *machine = json_object_get(summary->report, "machine");
    const struct {
        const char *before, *text;
    } parts[] = {
        {"", thaw_summary_text(summary, run, "platform")},
        {"Python ", python_version(summary)},
        {"", thaw_summary_text(summary, run, "backend")},
        {"Linux ", thaw_summary_text(summary, machine, "kernel")},
        {"", minute(summary, thaw_summary_text(summary, run, "started"))},
    };
    const char *line = "";

    (void)unused;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *longer;

        if (!*parts[i].text)
            continue;
        longer = thaw_summary_format(summary, "%s%s%s%s", line, *line ? ", " : "", parts[i].before,
                                     parts[i].text);
        if (*line && thaw_summary_columns(longer) > summary->width) {
            thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", line);
            longer = thaw_summary_format(summary, "%s%s", parts[i].before, parts[i].text);
        }
        line = longer;
    }
    if (*line)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", line);
}

/* What the clock of a track starts with: its first counted phase tells. */
static const char *track_beginning(const json_t *track)
{
    static const struct {
        const char *phase, *words;
    } beginnings[] = {
        {"vm", "the machine's boot"},
        {"host", "the host's start"},
        {"failed-start", "the first try's start"},
        {"worker", "the worker's start"},
        {"specialize", "the host's request to become this app"},
    };
    const json_t *phase;
    size_t i;

    json_array_foreach(json_object_get(track, "phases"), i, phase)
    {
        const char *name = json_string_value(json_object_get(phase, "name"));

        if (!name || !thaw_summary_is(phase, "counted"))
            continue;
        if (!strcmp(name, "vm") && thaw_summary_number(phase, "start_ns"))
            return "the machine's resume from a snapshot"; /* a boot begins with its clock */
        for (size_t k = 0; k < sizeof(beginnings) / sizeof(beginnings[0]); k++)
            if (!strcmp(name, beginnings[k].phase))
                return beginnings[k].words;
        break;
    }
    return "the start";
}

/* " (analyze, http)": the first call of the track's worker. */
static const char *first_call(struct thaw_summary *summary)
{
    uint64_t track = thaw_summary_number(summary->track, "id");
    const json_t *call;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "invocations"), i, call)
    {
        const char *function, *kind, *status;

        if (thaw_summary_number(call, "track") != track)
            continue;
        function = thaw_summary_text(summary, call, "function");
        kind = thaw_summary_text(summary, call, "kind");
        status = thaw_summary_text(summary, call, "status");
        if (!*function)
            function = "function unknown";
        return thaw_summary_format(summary, " (%s%s%s%s%s)", function, *kind ? ", " : "", kind,
                                   *status && strcmp(status, "success") ? ", " : "",
                                   strcmp(status, "success") ? status : "");
    }
    return "";
}

static const char *track_headline(struct thaw_summary *summary)
{
    const char *total =
        thaw_summary_duration(summary, thaw_summary_number(summary->track, "total_ns"));
    const char *beginning = track_beginning(summary->track);
    const json_t *recording = json_object_get(summary->report, "recording");

    if (thaw_summary_is(summary->track, "answered"))
        return thaw_summary_format(summary, "%s from %s to the first reply%s", total, beginning,
                                   first_call(summary));
    if (json_is_false(json_object_get(recording, "finished"))) /* it was cut off before its end */
        total = thaw_summary_format(summary, "at least %s", total);
    if (!thaw_summary_is_worker(summary, thaw_summary_number(summary->track, "process")))
        return thaw_summary_format(summary,
                                   "%s to start and import (no serverless platform was recognised)",
                                   total);
    return thaw_summary_format(summary, "%s from %s on; no first reply was seen", total, beginning);
}

/* How a run without a worker ended, as the end of a sentence. */
static const char *run_ending(struct thaw_summary *summary)
{
    const json_t *run = run_of(summary), *status = json_object_get(run, "exit_status");
    const char *ended = thaw_summary_text(summary, run, "ended");

    if (json_is_integer(status))
        return thaw_summary_format(summary,
                                   "until the command exited with status %" JSON_INTEGER_FORMAT,
                                   json_integer_value(status));
    if (!strcmp(ended, "interrupted"))
        return "until the recording was interrupted";
    if (!strcmp(ended, "duration"))
        return "for as long as was asked";
    return *ended ? "until the recording was closed" : "until the recording breaks off";
}

/* Of what a log has, nothing is a start: it is no time from here to there. */
static const char *log_headline(struct thaw_summary *summary, uint64_t total_ns)
{
    size_t imports = json_array_size(json_object_get(summary->report, "modules"));
    size_t processes = json_array_size(json_object_get(summary->report, "processes"));
    const char *of = "";

    if (processes > 1)
        of = thaw_summary_format(summary, " of %zu processes", processes);
    if (!thaw_summary_is(summary->report, "complete"))
        return thaw_summary_format(summary,
                                   "%zu import%s%s; the log is not whole or contradicts itself, so "
                                   "there is no total",
                                   imports, imports == 1 ? "" : "s", of);
    return thaw_summary_format(summary,
                               "%s in %zu import%s%s; what passed before and between is not known",
                               thaw_summary_duration(summary, total_ns), imports,
                               imports == 1 ? "" : "s", of);
}

static const char *run_headline(struct thaw_summary *summary)
{
    uint64_t start_ns = thaw_summary_number(run_of(summary), "start_ns");
    uint64_t end_ns = thaw_summary_number(run_of(summary), "end_ns");

    if (is_log(summary))
        return log_headline(summary, end_ns - start_ns);
    if (end_ns <= start_ns)
        return "Nothing was recorded.";
    return thaw_summary_format(summary,
                               "%s %s; no serverless worker was recognised, so there are no phases",
                               thaw_summary_duration(summary, end_ns - start_ns),
                               run_ending(summary));
}

/* ": …", of what the platform makes of it and of the import that raised. */
static const char *failure_cause(struct thaw_summary *summary, const json_t *failure)
{
    const char *words = thaw_summary_text(summary, failure, "meaning");
    uint64_t id = thaw_summary_number(failure, "module");
    const json_t *modules = json_object_get(summary->report, "modules");
    const json_t *module = id ? json_array_get(modules, (size_t)id - 1) : NULL;
    const char *status = thaw_summary_text(summary, module, "status");
    const char *cause = "";

    if (module)
        cause = thaw_summary_format(summary, "%s %s",
                                    strcmp(status, "not-found") ? "it was raised by"
                                                                : "there is no module",
                                    thaw_summary_text(summary, module, "name"));
    return thaw_summary_format(summary, "%s%s%s%s", *cause || *words ? ": " : "", cause,
                               *cause && *words ? "; " : "", words);
}

static void failure_line(struct thaw_summary *summary, const json_t *failure)
{
    uint64_t waited_ns = thaw_summary_number(failure, "waited_ns");
    const char *message = thaw_summary_text(summary, failure, "message"), *what;
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(failure, "process"));
    const char *type = thaw_summary_text(summary, failure, "failure");
    const char *function = thaw_summary_text(summary, failure, "function");
    const char *worker = "";

    if (process)
        worker =
            thaw_summary_format(summary, " (pid %" PRIu64 ")", thaw_summary_number(process, "pid"));
    if (waited_ns)
        what = thaw_summary_format(summary, "gave no %s in %s", message,
                                   thaw_summary_duration(summary, waited_ns));
    else
        what = thaw_summary_format(summary, "answered with %s: %s%s%s%s", message,
                                   thaw_summary_text(summary, failure, "status"), *type ? " (" : "",
                                   type, *type ? ")" : "");
    thaw_summary_paragraph(summary, THAW_STYLE_BAD, "! ",
                           thaw_summary_format(summary, "The worker%s %s%s%s%s", worker, what,
                                               *function ? ", function " : "", function,
                                               failure_cause(summary, failure)));
}

/* The end of a worker that did not answer is the first thing to know. */
static void write_worker_end(struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    const json_t *end = json_object_get(process, "exit");
    uint64_t signal = thaw_summary_number(end, "signal");
    const char *how;

    if (!json_is_object(end) || thaw_summary_is(summary->track, "answered") ||
        json_object_get(summary->track, "words"))
        return;
    how = signal ? thaw_summary_format(summary, "was ended by signal %" PRIu64, signal)
                 : thaw_summary_format(summary, "exited with status %" PRIu64,
                                       thaw_summary_number(end, "code"));
    thaw_summary_paragraph(summary, THAW_STYLE_BAD, "! ",
                           thaw_summary_format(summary, "The worker (pid %" PRIu64 ") %s",
                                               thaw_summary_number(process, "pid"), how));
}

/* Where a program ended badly, the import that raised last is the likeliest cause. */
static void write_last_failed_import(struct thaw_summary *summary)
{
    const json_t *modules = thaw_summary_list(summary->report, "modules"), *module, *last = NULL;
    uint64_t last_ns = 0;
    size_t i;

    json_array_foreach(modules, i, module)
    {
        const char *status = json_string_value(json_object_get(module, "status"));
        uint64_t end_ns =
            thaw_summary_number(module, "start_ns") + thaw_summary_number(module, "total_ns");

        if (!status || end_ns < last_ns ||
            (strcmp(status, "failed") != 0 && strcmp(status, "not-found") != 0))
            continue;
        last = module;
        last_ns = end_ns;
    }
    if (last)
        thaw_summary_paragraph(
            summary, THAW_STYLE_BAD, "! ",
            thaw_summary_format(summary, "The last import that failed was %s%s",
                                thaw_summary_text(summary, last, "name"),
                                strcmp(json_string_value(json_object_get(last, "status")), "failed")
                                    ? ": there is no such module"
                                    : ""));
}

/* What became of each worker's start, where that is worth telling. */
static void write_starts(struct thaw_summary *summary)
{
    const json_t *tracks = thaw_summary_list(summary->report, "tracks"), *track;
    size_t written = 0, i;

    json_array_foreach(tracks, i, track)
    {
        const char *words = thaw_summary_text(summary, track, "words");
        const json_t *process;

        if (!*words)
            continue;
        if (written++ == most_failures) {
            thaw_summary_paragraph(summary, THAW_STYLE_BAD, "! ",
                                   "and there is more to tell of further workers");
            return;
        }
        process = thaw_summary_process(summary, thaw_summary_number(track, "process"));
        thaw_summary_paragraph(summary, THAW_STYLE_BAD, "! ",
                               thaw_summary_format(summary, "The worker (pid %" PRIu64 ") %s",
                                                   thaw_summary_number(process, "pid"), words));
    }
}

static void write_exit(struct thaw_summary *summary)
{
    uint64_t status = thaw_summary_number(run_of(summary), "exit_status");

    if (summary->track &&
        thaw_summary_is_worker(summary, thaw_summary_number(summary->track, "process")))
        write_worker_end(summary);
    if (status)
        thaw_summary_paragraph(
            summary, THAW_STYLE_BAD, "! ",
            thaw_summary_format(summary, "The command exited with status %" PRIu64, status));
    if (status)
        write_last_failed_import(summary);
}

static void write_failures(struct thaw_summary *summary)
{
    const json_t *failures = thaw_summary_list(summary->report, "failures"), *failure;
    size_t count = json_array_size(failures), i;

    json_array_foreach(failures, i, failure)
    {
        if (i == most_failures) {
            thaw_summary_paragraph(summary, THAW_STYLE_BAD, "! ",
                                   thaw_summary_format(summary,
                                                       "and %zu more answers that are no success",
                                                       count - i));
            return;
        }
        failure_line(summary, failure);
    }
}

const char *thaw_summary_headline(struct thaw_summary *summary)
{
    return summary->track ? track_headline(summary) : run_headline(summary);
}

void thaw_summary_problems(struct thaw_summary *summary, const json_t *unused)
{
    (void)unused;
    write_failures(summary);
    write_starts(summary);
    write_exit(summary);
}

void thaw_summary_head(struct thaw_summary *summary)
{
    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                           thaw_summary_fit(summary, command_line(summary), summary->width));
    thaw_summary_context(summary, NULL);
    write_platform(summary);
    fputc('\n', summary->stream);
    thaw_summary_paragraph(summary, THAW_STYLE_STRONG, "", thaw_summary_headline(summary));
    thaw_summary_problems(summary, NULL);
}
