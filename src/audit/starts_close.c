/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include <utlist.h>

#include "audit/starts_private.h"

/* A program is told to be Python's right after it was executed. */
#define PRUNE_NS 10000000000ull

/* Why a start is not whole, or was not answered. */
struct verdict {
    const char *given_up;
    const char *ended;
};

static bool is_of_interest(const struct thaw_starts *starts, const struct thaw_start_tree *tree)
{
    if (starts->of == THAW_STARTS_OF_ALL && tree->has_program)
        return true;
    return tree->has_python && thaw_start_tree_is_decided(tree);
}

static bool is_to_be_followed(const struct thaw_start_process *member)
{
    return member->python || member->worker || member->host || member->had_workers;
}

/* Nothing more is told of those that are of no interest, not even their end. */
static void release(struct thaw_starts *starts, struct thaw_start_tree *tree, bool of_interest)
{
    struct thaw_start_process *member, *next;

    DL_FOREACH_SAFE(tree->members, member, next)
    {
        thaw_start_tree_leave(member);
        member->over = true;
        if (!of_interest || !is_to_be_followed(member)) {
            starts->calls.forget(starts->calls.context, member->pid);
            thaw_start_processes_remove(&starts->processes, member);
        } else if (!member->started) {
            member->started = true;
            starts->calls.started(starts->calls.context, member->pid);
        }
    }
}

static void remove_tree(struct thaw_starts *starts, struct thaw_start_tree *tree, bool of_interest)
{
    release(starts, tree, of_interest);
    DL_DELETE(starts->trees, tree);
    starts->state.open--;
    starts->state.bytes -= tree->counted;
    starts->state.left_out += tree->left_out;
    thaw_start_tree_free(tree);
}

/* Those that may still answer are told when they have. */
static int leave_out_pending(struct thaw_start_tree *tree, struct thaw_error *error)
{
    struct thaw_start_process *member;
    int code = 0;

    DL_FOREACH(tree->members, member)
    {
        if (!code && thaw_start_process_is_pending(member))
            code = thaw_start_tree_tell_not(tree, member->pid, UINT64_MAX, error);
    }
    return code;
}

static int tell(struct thaw_starts *starts, struct thaw_start_tree *tree,
                const struct verdict *verdict, struct thaw_error *error)
{
    struct thaw_event_list list = {0};
    bool cut = *verdict->given_up || *verdict->ended;
    int code = thaw_start_tree_recall(tree, tree->replied_ns ? "first-reply" : "duration",
                                      cut ? starts->now_ns : 0, &list, error);
    struct thaw_start_events events = {
        .events = list.events.items,
        .count = list.events.count,
        .given_up = verdict->given_up,
        .ended = verdict->ended,
        .further = tree->further,
        .told = tree->told.items,
        .told_count = tree->told.count,
    };

    if (!code)
        code = starts->calls.over(starts->calls.context, &events, error);
    thaw_event_list_free(&list);
    return code;
}

int thaw_starts_close(struct thaw_starts *starts, struct thaw_start_tree *tree,
                      const char *given_up, const char *ended, struct thaw_error *error)
{
    struct verdict verdict = {.given_up = given_up, .ended = ended};
    bool of_interest = is_of_interest(starts, tree);
    int code = 0;

    if (of_interest)
        code = tell(starts, tree, &verdict, error);
    else
        starts->state.passed_by++;
    starts->state.given_up += of_interest && (*given_up || *ended);
    remove_tree(starts, tree, of_interest);
    return code;
}

/* Some have answered, others wait to be asked: perhaps for hours. */
static int tell_some(struct thaw_starts *starts, struct thaw_start_tree *tree, uint64_t now_ns,
                     struct thaw_error *error)
{
    static const struct verdict whole = {.given_up = "", .ended = ""};
    size_t told = tree->told.count;
    int code = leave_out_pending(tree, error);

    if (!code)
        code = tell(starts, tree, &whole, error);
    tree->told.count = told;
    tree->replied_ns = 0;
    tree->active_ns = now_ns;
    if (!code)
        code = thaw_start_tree_tell_no_more(tree, now_ns, error);
    if (!code)
        code = thaw_start_tree_thin(tree, false, error);
    thaw_starts_account(starts, tree);
    return code;
}

/* Hosts and what is no Python answer nobody themselves. */
static bool is_awaited(const struct thaw_start_process *member)
{
    return (member->python || member->worker) && !member->answered && !member->had_workers &&
           !member->host;
}

static bool has_member(const struct thaw_start_tree *tree,
                       bool (*is)(const struct thaw_start_process *member))
{
    const struct thaw_start_process *member;

    DL_FOREACH(tree->members, member)
    {
        if (is(member))
            return true;
    }
    return false;
}

/* A program of no interest that something in the tree executed: of its end nobody may tell. */
static void prune(struct thaw_starts *starts, struct thaw_start_tree *tree, uint64_t now_ns)
{
    struct thaw_start_process *member, *next;

    DL_FOREACH_SAFE(tree->members, member, next)
    {
        if (thaw_start_process_is_followed(member) || member->executed_ns + PRUNE_NS > now_ns)
            continue;
        thaw_start_tree_leave(member);
        thaw_start_processes_remove(&starts->processes, member);
    }
}

static int look_impatiently(struct thaw_starts *starts, struct thaw_start_tree *tree,
                            struct thaw_error *error)
{
    char ended[64] = "";

    if (thaw_start_tree_is_decided(tree))
        snprintf(ended, sizeof(ended), "no first reply was seen within %" PRIu64 " s",
                 starts->limits.patience_ns / 1000000000);
    return thaw_starts_close(starts, tree, "", ended, error);
}

/* A placeholder's imports are nobody's cold start. */
static bool is_placeholder(const struct thaw_start_process *member)
{
    return thaw_start_process_is_idle(member) && !member->loaded;
}

static bool is_loaded(const struct thaw_start_process *member)
{
    return member->loaded;
}

/* Of a placeholder nobody misses the imports. */
static void thin_placeholder(struct thaw_starts *starts, struct thaw_start_tree *tree)
{
    if (tree->thinned || has_member(tree, is_loaded) || !has_member(tree, is_placeholder))
        return;
    if (!thaw_start_tree_thin(tree, true, NULL))
        tree->left_out = 0;
    thaw_starts_account(starts, tree);
}

int thaw_starts_look(struct thaw_starts *starts, struct thaw_start_tree *tree, uint64_t now_ns,
                     struct thaw_error *error)
{
    bool impatient = now_ns >= tree->active_ns + starts->limits.patience_ns;

    if (!has_member(tree, thaw_start_process_is_followed))
        return thaw_starts_close(starts, tree, "", "", error);
    if (tree->replied_ns &&
        (now_ns >= tree->replied_ns + starts->limits.settle_ns || !has_member(tree, is_awaited)))
        return has_member(tree, thaw_start_process_is_pending)
                   ? tell_some(starts, tree, now_ns, error)
                   : thaw_starts_close(starts, tree, "", "", error);
    if (tree->replied_ns || !impatient)
        return 0;
    if (!has_member(tree, thaw_start_process_is_idle))
        return look_impatiently(starts, tree, error);
    thin_placeholder(starts, tree);
    return 0;
}

/* The oldest one whose end is near; those that wait to be asked take little and have time. */
static struct thaw_start_tree *next_to_go(const struct thaw_starts *starts)
{
    struct thaw_start_tree *tree;

    DL_FOREACH(starts->trees, tree)
    {
        if (!has_member(tree, thaw_start_process_is_idle))
            return tree;
    }
    return starts->trees;
}

int thaw_starts_make_room(struct thaw_starts *starts, struct thaw_error *error)
{
    struct thaw_start_tree *tree;
    char words[96];
    int code = 0;

    if (starts->state.bytes <= starts->limits.bytes)
        return 0;
    snprintf(words, sizeof(words), "there was no room for more than %zu KiB of events of starts",
             starts->limits.bytes / 1024);
    DL_FOREACH(starts->trees, tree)
    {
        thin_placeholder(starts, tree);
    }
    while (starts->trees && starts->state.bytes > starts->limits.bytes) {
        int closed = thaw_starts_close(starts, next_to_go(starts), words, "", error);

        code = code ? code : closed;
    }
    return code;
}

int thaw_starts_tick(struct thaw_starts *starts, uint64_t now_ns, struct thaw_error *error)
{
    struct thaw_start_tree *tree, *next;
    int code = 0;

    if (now_ns > starts->now_ns)
        starts->now_ns = now_ns;
    DL_FOREACH_SAFE(starts->trees, tree, next)
    {
        int looked;

        prune(starts, tree, now_ns);
        looked = thaw_starts_look(starts, tree, now_ns, error);
        code = code ? code : looked;
    }
    return code;
}

int thaw_starts_finish(struct thaw_starts *starts, const char *reason, struct thaw_error *error)
{
    int code = 0;

    while (starts->trees) {
        bool replied = starts->trees->replied_ns != 0;
        int closed = thaw_starts_close(starts, starts->trees, replied ? "" : reason, "", error);

        code = code ? code : closed;
    }
    return code;
}
