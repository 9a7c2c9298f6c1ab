/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "gate/readers.h"
#include "report/keys.h"

/*
 * Which recordings tell of a whole cold start: a run that was cut off, crashed or never answered
 * has smaller figures than a good one, and would pass.
 */

bool thaw_gate_untold(const char **ret_why, const char *why)
{
    *ret_why = why;
    return false;
}

static bool is_answered(const struct thaw_summary *summary)
{
    return summary->track && thaw_summary_is(summary->track, "answered");
}

static bool is(const json_t *object, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(object, key), word);
}

/* Was a reply to come? A worker gives one, but without eBPF nobody sees it. */
static bool wants_reply(const struct thaw_summary *summary, const json_t *run)
{
    if (is(run, "until", "first-reply"))
        return true;
    return summary->track && !is(run, "until", "duration") && !is(run, "until", "exit") &&
           thaw_summary_has_backend(summary, "ebpf") &&
           thaw_summary_is_worker(summary, thaw_summary_number(summary->track, "process"));
}

/* "its command failed (exit status 1)" */
static const char *exit_fault(const json_t *status, struct thaw_arena *arena, bool *failed)
{
    const char *why;

    if (!json_is_integer(status) || !json_integer_value(status))
        return NULL;
    why = thaw_arena_format(arena, "its command failed (exit status %" JSON_INTEGER_FORMAT ")",
                            json_integer_value(status));
    *failed |= !why;
    return why;
}

const char *thaw_gate_run_fault(const struct thaw_summary *summary, struct thaw_arena *arena,
                                bool *failed)
{
    const json_t *run = json_object_get(summary->report, "run");
    const json_t *recording = json_object_get(summary->report, "recording");
    const char *why;

    if (!json_is_object(run))
        return "the report is of what is shipped, not of a cold start";
    if (is_answered(summary))
        return NULL;
    if (json_is_false(json_object_get(recording, "finished")))
        return "its recording was cut off";
    if (is(run, "ended", "interrupted") || is(run, "ended", "error"))
        return "its recording was interrupted";
    why = exit_fault(json_object_get(run, "exit_status"), arena, failed);
    if (why || *failed)
        return why;
    if (wants_reply(summary, run))
        return "no first reply was seen";
    if (is(run, "ended", "duration") && !is(run, "until", "duration"))
        return "it had not ended when its time was over";
    return NULL;
}

bool thaw_gate_read_run(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                        const char **ret_why)
{
    bool failed = false;
    const char *why;

    thaw_summary_begin(ret, reading->report, NULL, NULL);
    why = thaw_gate_run_fault(ret, reading->arena, &failed);
    return why || failed ? thaw_gate_untold(ret_why, why) : true;
}

/* The line for people, else the fixed word. */
static const char *words_of(const json_t *loss)
{
    const char *what = thaw_key_string(loss, "what");

    return *what ? what : thaw_key_string(loss, "cause");
}

bool thaw_gate_read_counted(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                            const char **ret_why)
{
    const json_t *losses = thaw_summary_list(reading->report, "losses"), *loss, *process;
    const char *coverage;

    if (!thaw_gate_read_run(reading, ret, ret_why))
        return false;
    loss = thaw_gate_loss(ret);
    if (loss)
        return thaw_gate_untold(ret_why, thaw_arena_format(reading->arena,
                                                           "its recording is incomplete: %.300s",
                                                           words_of(loss)));
    if (!thaw_summary_is(ret->report, "complete") && !json_array_size(losses))
        return thaw_gate_untold(ret_why, "its recording is incomplete");
    process = thaw_summary_process(ret, thaw_summary_number(ret->track, "process"));
    coverage = thaw_key_string(process, "coverage");
    if (!strcmp(coverage, "late"))
        return thaw_gate_untold(ret_why, "its interpreter was seen too late for its first imports");
    if (!strcmp(coverage, "refused"))
        return thaw_gate_untold(ret_why, "its interpreter is of a version whose imports thaw does "
                                         "not see");
    return true;
}

bool thaw_gate_read_timed(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                          const char **ret_why)
{
    if (!thaw_gate_read_run(reading, ret, ret_why))
        return false;
    if (thaw_summary_is(json_object_get(ret->report, "run"), "counting"))
        return thaw_gate_untold(ret_why, "its system calls were counted, which takes time");
    if (thaw_summary_has_backend(ret, "importtime-log"))
        return thaw_gate_untold(ret_why, "a log of imports does not tell the times of a start");
    if (!ret->track)
        return thaw_gate_untold(ret_why, "no Python process was seen to start");
    return true;
}
