/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/phases.h"

enum counting {
    COUNTED,
    NOT_COUNTED,
    COUNTED_UNLESS_SPECIALIZED, /* a placeholder's own start is not its customer's cold start */
};

/* A phase begins at each mark of one kind, and ends at the next mark of any kind in ends. */
struct phase_rule {
    const char *name;
    enum thaw_mark_kind start;
    thaw_mark_set ends;
    enum counting counting;
    enum thaw_confidence confidence; /* at best */
    const char *start_words;         /* instead of the marks' own; NULL: theirs */
    const char *end_words;
};

#define MARK(name) THAW_MARK_##name

static const struct phase_rule phase_rules[] = {
    {"host", MARK(HOST), MARK(FURTHER) | MARK(FIRST_TRY) | MARK(WORKER), COUNTED_UNLESS_SPECIALIZED,
     THAW_OBSERVED, NULL, NULL},
    {"host", MARK(HOST_PRESENT), MARK(FURTHER) | MARK(FIRST_TRY) | MARK(WORKER), NOT_COUNTED,
     THAW_DERIVED, NULL, NULL},
    {"pool", MARK(FURTHER), MARK(FIRST_TRY) | MARK(WORKER), NOT_COUNTED, THAW_DERIVED, NULL, NULL},
    {"failed-start", MARK(FIRST_TRY), MARK(WORKER), COUNTED_UNLESS_SPECIALIZED, THAW_DERIVED, NULL,
     NULL},
    {"worker", MARK(WORKER),
     MARK(POOL) | MARK(IMPORT) | MARK(SET_UP) | MARK(BLIND) | MARK(WAIT) | MARK(INVOCATION) |
         MARK(END),
     COUNTED_UNLESS_SPECIALIZED, THAW_OBSERVED, NULL, NULL},
    {"pool", MARK(POOL), MARK(SPECIALIZE), NOT_COUNTED, THAW_OBSERVED, NULL, NULL},
    {"specialize", MARK(SPECIALIZE),
     MARK(IMPORT) | MARK(SET_UP) | MARK(BLIND) | MARK(INVOCATION) | MARK(END), COUNTED,
     THAW_OBSERVED, NULL, NULL},
    {"import", MARK(IMPORT), MARK(IMPORTED), COUNTED, THAW_OBSERVED, NULL, NULL},
    {"ready", MARK(IMPORTED), MARK(IMPORT) | MARK(WAIT) | MARK(INVOCATION) | MARK(END), COUNTED,
     THAW_OBSERVED, "import end", NULL},
    {"ready", MARK(SET_UP), MARK(INVOCATION) | MARK(END), COUNTED, THAW_DERIVED, NULL, NULL},
    {"pool", MARK(WAIT), MARK(INVOCATION), NOT_COUNTED, THAW_DERIVED, NULL, NULL},
    {"first-invocation", MARK(INVOCATION), MARK(LATE_IMPORT) | MARK(REPLY) | MARK(END), COUNTED,
     THAW_OBSERVED, NULL, NULL},
    {"import", MARK(LATE_IMPORT), MARK(LATE_IMPORTED), COUNTED, THAW_OBSERVED, NULL, NULL},
    {"first-invocation", MARK(LATE_IMPORTED), MARK(LATE_IMPORT) | MARK(REPLY) | MARK(END), COUNTED,
     THAW_OBSERVED, "import end", NULL},
};

/* A part of a phase; what reaches beyond the phase is cut off. */
struct part_rule {
    const char *phase; /* NULL: any of worker, specialize, ready */
    const char *name;  /* NULL: that of the exchange */
    enum thaw_mark_kind start;
    thaw_mark_set ends;
    enum thaw_confidence confidence;
};

static const struct part_rule part_rules[] = {
    {"host", "launcher", MARK(HOST_LAUNCH), MARK(HOST_LAUNCH) | MARK(HOST_EXEC), THAW_OBSERVED},
    {"host", "interpreter", MARK(HOST_EXEC), MARK(HOST_INTERPRETER), THAW_OBSERVED},
    {"host", "runtime", MARK(HOST_EXEC), MARK(HOST_RUNTIME), THAW_OBSERVED},
    {"host", "start", MARK(HOST_RUNTIME),
     MARK(HOST_CONFIGURATION) | MARK(HOST_BUNDLE) | MARK(HOST_LISTEN) | MARK(FURTHER) |
         MARK(WORKER),
     THAW_OBSERVED},
    {"host", "imports", MARK(HOST_INTERPRETER),
     MARK(HOST_IMPORT) | MARK(HOST_CONFIGURATION) | MARK(HOST_BUNDLE) | MARK(HOST_LISTEN) |
         MARK(FURTHER) | MARK(WORKER),
     THAW_OBSERVED},
    {"host", "configuration", MARK(HOST_CONFIGURATION),
     MARK(HOST_BUNDLE) | MARK(HOST_LISTEN) | MARK(FURTHER) | MARK(WORKER), THAW_OBSERVED},
    {"host", "bundle", MARK(HOST_BUNDLE), MARK(HOST_LISTEN) | MARK(FURTHER) | MARK(WORKER),
     THAW_OBSERVED},
    {"host", "import", MARK(HOST_IMPORT), MARK(HOST_IMPORTED), THAW_OBSERVED},
    {"host", "imports", MARK(HOST_IMPORTED), MARK(HOST_IMPORT), THAW_OBSERVED},
    {"host", "listen", MARK(HOST_LAST_IMPORTED), MARK(HOST_LISTEN), THAW_OBSERVED},
    {"host", "spawn", MARK(HOST_READY), MARK(FURTHER) | MARK(WORKER), THAW_OBSERVED},
    {"worker", "launcher", MARK(LAUNCH), MARK(LAUNCH) | MARK(EXEC), THAW_OBSERVED},
    {"worker", "interpreter", MARK(EXEC), MARK(INTERPRETER), THAW_OBSERVED},
    {"worker", "imports", MARK(INTERPRETER),
     MARK(CONNECT) | MARK(HELLO) | MARK(REQUEST) | MARK(POOL) | MARK(IMPORT) | MARK(LISTEN) |
         MARK(WAIT) | MARK(INVOCATION) | MARK(END),
     THAW_OBSERVED},
    {"worker", "connect", MARK(CONNECT), MARK(HELLO), THAW_OBSERVED},
    {"ready", "connect", MARK(CONNECT), MARK(READY), THAW_OBSERVED},
    {NULL, NULL, MARK(REQUEST), MARK(RESPONSE), THAW_OBSERVED},
    {"ready", "wait", MARK(IDLE), MARK(INVOCATION), THAW_OBSERVED},
    {"ready", "listen", MARK(LAST_IMPORTED), MARK(LISTEN), THAW_OBSERVED},
    {"first-invocation", "receive", MARK(INVOCATION), MARK(ASKED), THAW_OBSERVED},
    {"first-invocation", "handle", MARK(ASKED), MARK(REPLY), THAW_OBSERVED},
};

/* What a part's rule found, not yet cut to any phase. */
struct span {
    const struct part_rule *rule;
    const struct thaw_mark *first;
    const struct thaw_mark *last; /* NULL: a request without a response, open to the end */
};

/* While one track is cut. */
struct cutter {
    struct thaw_arena *arena;
    const struct thaw_marks *marks;
    THAW_ARRAY(struct thaw_phase) phases;
    THAW_ARRAY(struct span) spans;       /* by their first mark */
    size_t first_span;                   /* earlier ones are over when the phase at hand begins */
    THAW_ARRAY(struct thaw_phase) parts; /* of the phase at hand */
};

static enum thaw_confidence worst(enum thaw_confidence a, enum thaw_confidence b)
{
    return a > b ? a : b;
}

/* The first mark behind another that ends it, NULL none. A request ends with its own response. */
static const struct thaw_mark *end_of(const struct thaw_marks *marks, size_t start,
                                      thaw_mark_set ends)
{
    const struct thaw_mark *first = &marks->marks.items[start];

    for (size_t i = start + 1; i < marks->marks.count; i++) {
        const struct thaw_mark *mark = &marks->marks.items[i];

        if ((mark->kind & ends) && (!first->exchange || mark->exchange == first->exchange))
            return mark;
    }
    return NULL;
}

static bool is_counted(enum counting counting, const struct thaw_marks *marks)
{
    return counting == COUNTED || (counting == COUNTED_UNLESS_SPECIALIZED && !marks->specialized);
}

static bool add_phase(struct cutter *cutter, const struct phase_rule *rule, size_t start,
                      uint64_t from_ns)
{
    const struct thaw_mark *first = &cutter->marks->marks.items[start];
    const struct thaw_mark *last = end_of(cutter->marks, start, rule->ends);
    struct thaw_phase *phase;

    if (!last || last->time_ns <= from_ns || last->time_ns <= first->time_ns)
        return true;
    phase = thaw_array_add(&cutter->phases);
    if (!phase)
        return false;
    *phase = (struct thaw_phase){
        .name = rule->name,
        .start_ns = first->time_ns > from_ns ? first->time_ns : from_ns,
        .end_ns = last->time_ns,
        .counted = is_counted(rule->counting, cutter->marks),
        .confidence = worst(rule->confidence, worst(first->confidence, last->confidence)),
        .within = first->within,
        .evidence = {rule->start_words ? rule->start_words : first->words,
                     rule->end_words ? rule->end_words : last->words, first->beside},
    };
    return true;
}

/* Phases follow one another: what an earlier one covers a later one can't have. */
static bool add_phases(struct cutter *cutter)
{
    for (size_t i = 0; i < cutter->marks->marks.count; i++) {
        for (size_t j = 0; j < sizeof(phase_rules) / sizeof(phase_rules[0]); j++) {
            size_t count = cutter->phases.count;
            uint64_t from_ns = count ? cutter->phases.items[count - 1].end_ns : 0;

            if (phase_rules[j].start == cutter->marks->marks.items[i].kind &&
                !add_phase(cutter, &phase_rules[j], i, from_ns))
                return false;
        }
    }
    return true;
}

static bool is_part_of(const struct part_rule *rule, const struct thaw_phase *phase)
{
    if (rule->phase)
        return !strcmp(rule->phase, phase->name);
    return !strcmp(phase->name, "worker") || !strcmp(phase->name, "specialize") ||
           !strcmp(phase->name, "ready");
}

static bool find_spans(struct cutter *cutter)
{
    for (size_t i = 0; i < cutter->marks->marks.count; i++) {
        const struct thaw_mark *first = &cutter->marks->marks.items[i];

        for (size_t j = 0; j < sizeof(part_rules) / sizeof(part_rules[0]); j++) {
            const struct thaw_mark *last;
            struct span *span;

            if (part_rules[j].start != first->kind)
                continue;
            last = end_of(cutter->marks, i, part_rules[j].ends);
            if (!last && !first->exchange)
                continue;
            span = thaw_array_add(&cutter->spans);
            if (!span)
                return false;
            *span = (struct span){&part_rules[j], first, last};
        }
    }
    return true;
}

static bool add_part(struct cutter *cutter, const struct span *span, const struct thaw_phase *phase)
{
    const struct thaw_mark *first = span->first, *last = span->last;
    size_t count = cutter->parts.count;
    uint64_t from_ns = count ? cutter->parts.items[count - 1].end_ns : phase->start_ns;
    uint64_t start_ns = first->time_ns > from_ns ? first->time_ns : from_ns;
    uint64_t end_ns = last && last->time_ns < phase->end_ns ? last->time_ns : phase->end_ns;
    struct thaw_phase *part;

    if (end_ns <= start_ns)
        return true;
    part = thaw_array_add(&cutter->parts);
    if (!part)
        return false;
    *part = (struct thaw_phase){
        .name = thaw_arena_format(cutter->arena, "%s.%s", phase->name,
                                  span->rule->name ? span->rule->name : first->exchange->phase),
        .start_ns = start_ns,
        .end_ns = end_ns,
        .counted = phase->counted,
        .confidence = worst(span->rule->confidence,
                            worst(first->confidence, last ? last->confidence : THAW_OBSERVED)),
        .within = "",
        .evidence = {first->time_ns < phase->start_ns ? phase->evidence[0] : first->words,
                     last && last->time_ns <= phase->end_ns ? last->words : phase->evidence[1]},
    };
    return part->name != NULL;
}

static bool copy_phases(struct thaw_arena *arena, const struct thaw_phase *items, size_t count,
                        struct thaw_phase **ret)
{
    *ret = NULL;
    if (!count)
        return true;
    *ret = thaw_arena_allocate(arena, count * sizeof(*items));
    if (!*ret)
        return false;
    memcpy(*ret, items, count * sizeof(*items));
    return true;
}

static bool is_over(const struct span *span, const struct thaw_phase *phase)
{
    return span->last && span->last->time_ns <= phase->start_ns;
}

static bool add_parts(struct cutter *cutter, struct thaw_phase *phase)
{
    const struct span *spans = cutter->spans.items;
    size_t count = cutter->spans.count;

    cutter->parts.count = 0;
    while (cutter->first_span < count && is_over(&spans[cutter->first_span], phase))
        cutter->first_span++;
    for (size_t i = cutter->first_span; i < count && spans[i].first->time_ns < phase->end_ns; i++)
        if (is_part_of(spans[i].rule, phase) && !add_part(cutter, &spans[i], phase))
            return false;
    phase->child_count = cutter->parts.count;
    return copy_phases(cutter->arena, cutter->parts.items, cutter->parts.count, &phase->children);
}

static void add_up(const struct thaw_marks *marks, struct thaw_track *track)
{
    uint64_t counted_ns = 0, uncounted_ns = 0;

    for (size_t i = 0; i < track->phase_count; i++) {
        const struct thaw_phase *phase = &track->phases[i];

        *(phase->counted ? &counted_ns : &uncounted_ns) += phase->end_ns - phase->start_ns;
    }
    track->answered = marks->answered;
    track->start_ns = marks->start_ns;
    track->end_ns = marks->end_ns;
    track->total_ns = marks->end_ns - marks->start_ns - uncounted_ns;
    track->unattributed_ns = track->total_ns - counted_ns;
}

bool thaw_phases_cut(struct thaw_arena *arena, const struct thaw_marks *marks,
                     struct thaw_track *track)
{
    struct cutter cutter = {.arena = arena, .marks = marks};
    bool enough = add_phases(&cutter) && find_spans(&cutter);

    for (size_t i = 0; enough && i < cutter.phases.count; i++)
        enough = add_parts(&cutter, &cutter.phases.items[i]);
    track->phase_count = cutter.phases.count;
    enough = enough && copy_phases(arena, cutter.phases.items, cutter.phases.count, &track->phases);
    if (enough)
        add_up(marks, track);
    thaw_array_free(&cutter.phases);
    thaw_array_free(&cutter.spans);
    thaw_array_free(&cutter.parts);
    return enough;
}
