/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inventory/sources.h"

static int refuse(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    (void)context;
    (void)event;
    (void)error;
    return -ECANCELED;
}

/* A copy in which files of distributions are not the user's own; NULL when memory is short. */
static const struct thaw_source_file *
disown_installed(const struct thaw_inventory_subject *subject,
                 const struct thaw_distributions *distributions, struct thaw_arena *arena)
{
    struct thaw_source_file *files =
        thaw_arena_allocate(arena, (subject->source_count + 1) * sizeof(*files));

    for (size_t i = 0; files && i < subject->source_count; i++) {
        files[i] = subject->sources[i];
        if (files[i].own && thaw_distributions_owner(distributions, files[i].path))
            files[i].own = false;
    }
    return files;
}

static int ask_one(const struct thaw_inventory_subject *subject,
                   const struct thaw_distributions *distributions, struct thaw_arena *arena,
                   struct thaw_source_inquiry *ret, struct thaw_error *error)
{
    const struct thaw_source_file *files;
    int result;

    if (!subject->source_count || *subject->executable != '/')
        return 0;
    files = disown_installed(subject, distributions, arena);
    if (!files)
        return thaw_error_memory(error);
    result = thaw_source_inquiry_start(subject->executable, subject->user, subject->group, files,
                                       subject->source_count, ret, error);
    if (result < 0)
        ret->inquiry.pid = 0;
    return result == -ENOMEM ? result : 0;
}

int thaw_sources_ask(const struct thaw_inventory_request *request,
                     const struct thaw_distributions *distributions, struct thaw_arena *arena,
                     struct thaw_sources *ret, struct thaw_error *error)
{
    size_t count = request->interpreter_count;
    int result = 0;

    *ret = (struct thaw_sources){.request = request};
    ret->inquiries = thaw_arena_allocate(arena, (count + 1) * sizeof(*ret->inquiries));
    if (!ret->inquiries)
        return thaw_error_memory(error);
    for (size_t i = 0; result == 0 && i < count; i++)
        result =
            ask_one(&request->interpreters[i], distributions, arena, &ret->inquiries[i], error);
    if (result < 0)
        thaw_sources_hear(ret, NULL, NULL, NULL);
    return result;
}

static int emit_loss(const char *first, size_t count, thaw_inventory_emit emit, void *context,
                     struct thaw_error *error)
{
    char what[640];
    struct thaw_event event = {.kind = THAW_EVENT_LOSS, .loss = {"sources-not-read", count, what}};

    snprintf(what, sizeof(what), "what %zu source file%s import%s is not known (%s)", count,
             count == 1 ? "" : "s", count == 1 ? "s" : "", first);
    return emit(context, &event, error);
}

/* The interpreter of sources could not be started at all. */
static int emit_silence(const struct thaw_inventory_subject *subject, thaw_inventory_emit emit,
                        void *context, struct thaw_error *error)
{
    if (!subject->source_count)
        return 0;
    return emit_loss("their interpreter could not be run", subject->source_count, emit, context,
                     error);
}

/* Without emit it is killed. */
static int hear_one(struct thaw_source_inquiry *inquiry, thaw_inventory_emit emit, void *context,
                    struct thaw_error *error)
{
    struct thaw_source_summary summary;
    int result;

    if (!emit)
        inquiry->inquiry.deadline_ns = 0;
    result = thaw_source_inquiry_finish(inquiry, emit ? emit : refuse, context, &summary, error);
    inquiry->inquiry.pid = 0;
    if (result == 0 && emit && summary.unanswered)
        result = emit_loss(summary.first, summary.unanswered, emit, context, error);
    return result;
}

int thaw_sources_hear(struct thaw_sources *sources, thaw_inventory_emit emit, void *context,
                      struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; i < sources->request->interpreter_count; i++) {
        if (result < 0)
            emit = NULL;
        if (sources->inquiries[i].inquiry.pid && !emit)
            hear_one(&sources->inquiries[i], NULL, NULL, NULL);
        else if (sources->inquiries[i].inquiry.pid)
            result = hear_one(&sources->inquiries[i], emit, context, error);
        else if (emit)
            result = emit_silence(&sources->request->interpreters[i], emit, context, error);
    }
    return result;
}
