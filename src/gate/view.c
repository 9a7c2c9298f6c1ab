/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "gate/view.h"
#include "report/keys.h"

static bool is_status(const json_t *check, const char *status)
{
    return !strcmp(thaw_key_string(check, "status"), status);
}

static bool is_forbidden(const json_t *check)
{
    return !strcmp(thaw_key_string(check, "kind"), "forbidden");
}

/* --- the headline --- */

struct counts {
    size_t all, broken, warned, unclear, unmeasured, allowed; /* of budgets */
    size_t imports_all, imports_broken;                       /* of what is forbidden */
};

static struct counts counted(const struct thaw_summary *summary)
{
    struct counts counts = {0};
    const json_t *check;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "checks"), i, check)
    {
        bool forbidden = is_forbidden(check);

        counts.all += !forbidden;
        counts.imports_all += forbidden;
        counts.broken += !forbidden && is_status(check, "fail");
        counts.imports_broken += forbidden && is_status(check, "fail");
        counts.warned += is_status(check, "warn");
        counts.unclear += is_status(check, "inconclusive");
        counts.unmeasured += is_status(check, "unmeasured");
        counts.allowed += is_status(check, "allowed");
    }
    return counts;
}

static const char *plural(size_t count, const char *one, const char *several)
{
    return count == 1 ? one : several;
}

/* "a, b": a part behind those before it. */
static const char *joined(struct thaw_summary *summary, const char *text, const char *part)
{
    return thaw_summary_format(summary, "%s%s%s", text, *text ? ", " : "", part);
}

/* "2 of 6 budgets are broken and 1 forbidden import" */
static const char *broken_words(struct thaw_summary *summary, const struct counts *counts)
{
    const char *text = "";

    if (counts->broken)
        text = thaw_summary_format(summary, "%zu of %zu %s %s broken", counts->broken, counts->all,
                                   plural(counts->all, "budget", "budgets"),
                                   plural(counts->broken, "is", "are"));
    if (counts->imports_broken)
        text = thaw_summary_format(summary, "%s%s%zu forbidden %s", text, *text ? ", and " : "",
                                   counts->imports_broken,
                                   plural(counts->imports_broken, "import", "imports"));
    return text;
}

/* What is neither broken nor kept. */
static const char *other_words(struct thaw_summary *summary, const struct counts *counts,
                               const char *text)
{
    if (counts->unmeasured)
        text =
            joined(summary, text,
                   thaw_summary_format(summary, "%zu could not be measured", counts->unmeasured));
    if (counts->unclear)
        text =
            joined(summary, text,
                   thaw_summary_format(summary, "%zu can't be told from noise", counts->unclear));
    if (counts->warned)
        text = joined(summary, text,
                      thaw_summary_format(summary, "%zu %s", counts->warned,
                                          plural(counts->warned, "warns", "warn")));
    if (counts->allowed)
        text = joined(summary, text,
                      thaw_summary_format(summary, "%zu allowed by exception", counts->allowed));
    return text;
}

static const char *kept_words(struct thaw_summary *summary, const struct counts *counts)
{
    size_t all = counts->all + counts->imports_all;
    const char *what =
        counts->imports_all ? plural(all, "check", "checks") : plural(all, "budget", "budgets");

    if (!all)
        return "there is no budget";
    if (counts->unmeasured || counts->unclear || counts->warned || counts->allowed)
        return other_words(summary, counts, thaw_summary_format(summary, "of %zu %s", all, what));
    return thaw_summary_format(summary, "%s%zu %s %s kept", all == 1 ? "" : "all ", all, what,
                               plural(all, "is", "are"));
}

static const char *verdict_word(const struct thaw_summary *summary)
{
    static const char *const words[][2] = {
        {"pass", "PASS"},
        {"warn", "WARN"},
        {"inconclusive", "INCONCLUSIVE"},
        {"unmeasured", "UNMEASURED"},
        {"fail", "FAIL"},
    };
    const char *verdict = thaw_key_string(summary->report, "verdict");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcmp(verdict, words[i][0]))
            return words[i][1];
    return NULL; /* of another version */
}

/* Where no budget is to blame for that there is no verdict, runs that failed are. */
static const char *failed_words(struct thaw_summary *summary, const struct counts *counts)
{
    static const char *const sides[] = {"head", "base"};
    size_t failed = 0;

    if (strcmp(thaw_key_string(summary->report, "verdict"), "unmeasured") != 0)
        return "";
    for (size_t i = 0; i < 2; i++)
        failed += thaw_summary_number(json_object_get(summary->report, sides[i]), "failed_runs");
    if (!failed || counts->unmeasured)
        return "";
    return thaw_summary_format(summary, "%zu %s failed, so that there is no verdict", failed,
                               plural(failed, "run", "runs"));
}

const char *thaw_gate_view_headline(struct thaw_summary *summary)
{
    struct counts counts = counted(summary);
    const char *broken = broken_words(summary, &counts);

    if (!*broken)
        broken = failed_words(summary, &counts);

    if (!verdict_word(summary))
        return "UNKNOWN: this version of thaw does not know such a verdict";
    return thaw_summary_format(summary, "%s: %s", verdict_word(summary),
                               *broken ? broken : kept_words(summary, &counts));
}

/* --- sides --- */

enum { commit_characters = 10 };

bool thaw_gate_view_has_base(const struct thaw_summary *summary)
{
    return json_is_object(json_object_get(summary->report, "base"));
}

/* A hash as long as people write it. */
static const char *short_commit(struct thaw_summary *summary, const char *commit)
{
    if (!commit[strspn(commit, "0123456789abcdef")])
        return thaw_summary_format(summary, "%.*s", commit_characters, commit);
    return thaw_summary_fit(summary, commit, commit_characters);
}

static void add_key(struct thaw_summary *summary, const char **text, const char *lead,
                    const json_t *key, const char *name)
{
    const char *value = thaw_summary_text(summary, key, name);

    if (*value)
        *text = thaw_summary_format(summary, "%s, %s%s", *text, lead, value);
}

const char *thaw_gate_view_side(struct thaw_summary *summary, const char *key)
{
    const json_t *side = json_object_get(summary->report, key);
    const json_t *parts = json_object_get(side, "key");
    const char *commit = thaw_summary_text(summary, side, "commit");
    const char *text = thaw_summary_text(summary, side, "name");
    size_t runs = thaw_summary_number(side, "runs");
    size_t failed = thaw_summary_number(side, "failed_runs");

    if (!json_is_object(side))
        return "";
    if (*commit)
        text = thaw_summary_format(summary, "%s at %s", text, short_commit(summary, commit));
    if (runs)
        text = thaw_summary_format(summary, "%s, %zu %s", text, runs, plural(runs, "run", "runs"));
    if (failed)
        text = thaw_summary_format(summary, "%s (%zu failed)", text, failed);
    add_key(summary, &text, "CPython ", parts, "interpreter");
    add_key(summary, &text, "", parts, "architecture");
    add_key(summary, &text, "", parts, "backend");
    return text;
}

/* --- values --- */

/* "580", "2.5": a median of counts may lie between two. */
static const char *number(struct thaw_summary *summary, const char *unit, double value)
{
    if (!(value >= 0) || value > 1e18)
        return "?";
    if (!strcmp(unit, "bytes"))
        return thaw_summary_size(summary, (uint64_t)llround(value));
    if (!strcmp(unit, "ns"))
        return thaw_summary_duration(summary, (uint64_t)llround(value));
    if (value != floor(value))
        return thaw_summary_format(summary, "%.1f", value);
    return thaw_summary_count(summary, (uint64_t)value);
}

static const char *signed_number(struct thaw_summary *summary, const char *unit,
                                 const json_t *value)
{
    double change = json_number_value(value);

    if (!json_is_number(value))
        return "";
    if (change == 0)
        return "0";
    return thaw_summary_format(summary, "%s%s", change < 0 ? "-" : "+",
                               number(summary, unit, fabs(change)));
}

const char *thaw_gate_view_value(struct thaw_summary *summary, const json_t *check, const char *key)
{
    const json_t *median = json_object_get(json_object_get(check, key), "median");

    if (json_is_number(median))
        return number(summary, thaw_key_string(check, "unit"), json_number_value(median));
    return is_forbidden(check) ? "" : !strcmp(key, "value") ? "?" : "";
}

const char *thaw_gate_view_change(struct thaw_summary *summary, const json_t *check)
{
    return signed_number(summary, thaw_key_string(check, "unit"), json_object_get(check, "change"));
}

static bool is_warning_limit(const json_t *limit)
{
    return !strncmp(thaw_key_string(limit, "kind"), "warn", strlen("warn"));
}

/* Does a limit say more than another one of why the check came out so? */
static bool decides(const json_t *limit, const json_t *than)
{
    bool broken = thaw_summary_is(limit, "broken"), other_broken = thaw_summary_is(than, "broken");

    if (!than)
        return true;
    if (broken != other_broken)
        return broken;
    if (is_warning_limit(limit) != is_warning_limit(than))
        return !is_warning_limit(limit);
    return json_number_value(json_object_get(limit, "allowed")) <
           json_number_value(json_object_get(than, "allowed"));
}

const char *thaw_gate_view_limit(struct thaw_summary *summary, const json_t *check)
{
    const json_t *limit, *deciding = NULL;
    const char *unit;
    double allowed;
    size_t i;

    if (is_forbidden(check))
        return "none";
    json_array_foreach(json_object_get(check, "limits"), i, limit)
    {
        if (json_is_number(json_object_get(limit, "allowed")) && decides(limit, deciding))
            deciding = limit;
    }
    if (!deciding)
        return "";
    unit = thaw_key_string(check, "unit"); /* of 94.5 things 94 are allowed */
    allowed = json_number_value(json_object_get(deciding, "allowed"));
    return number(summary, unit, strcmp(unit, "count") != 0 ? allowed : floor(allowed));
}

/* --- words of a check --- */

const char *thaw_gate_view_title(struct thaw_summary *summary, const json_t *check)
{
    return thaw_summary_text(summary, check, "title");
}

static const struct row {
    const char *status, *word;
    enum thaw_style style;
} rows[] = {
    {"pass", "pass", THAW_STYLE_GOOD},
    {"warn", "warn", THAW_STYLE_BAD},
    {"fail", "FAIL", THAW_STYLE_BAD},
    {"inconclusive", "inconclusive", THAW_STYLE_BAD},
    {"unmeasured", "unmeasured", THAW_STYLE_BAD},
    {"allowed", "allowed", THAW_STYLE_FAINT},
    {NULL, "?", THAW_STYLE_PLAIN},
};

static const struct row *row_of(const json_t *check)
{
    const struct row *row = rows;

    while (row->status && !is_status(check, row->status))
        row++;
    return row;
}

const char *thaw_gate_view_word(const json_t *check)
{
    return row_of(check)->word;
}

enum thaw_style thaw_gate_view_style(const json_t *check)
{
    return row_of(check)->style;
}

/* "modules loaded: 891, …": the title stands above it. */
const char *thaw_gate_view_reason(struct thaw_summary *summary, const json_t *check)
{
    const char *reason = thaw_summary_text(summary, check, "reason");
    const char *title = thaw_gate_view_title(summary, check);
    size_t length = strlen(title);

    if (length && !strncmp(reason, title, length) && !strncmp(reason + length, ": ", 2))
        reason += length + 2;
    length = strlen(reason);
    return length && reason[length - 1] == '.'
               ? thaw_summary_format(summary, "%.*s", (int)(length - 1), reason)
               : reason;
}

const char *thaw_gate_view_place(struct thaw_summary *summary, const json_t *place)
{
    const char *file = thaw_summary_text(summary, place, "file");
    uint64_t line = thaw_summary_number(place, "line");

    return *file && line ? thaw_summary_format(summary, "%s:%llu", file, (unsigned long long)line)
                         : file;
}

/* --- offenders --- */

/* "pandas 3.1.1", "the app's own modules" */
static const char *offender_name(struct thaw_summary *summary, const json_t *offender)
{
    const char *kind = thaw_key_string(offender, "kind");
    const char *version = thaw_summary_text(summary, offender, "version");

    if (!strcmp(kind, "app"))
        return "the app's own code";
    if (!strcmp(kind, "python"))
        return "Python's standard library";
    if (!strcmp(kind, "worker"))
        return "the platform's worker";
    return thaw_summary_format(summary, "%s%s%s", thaw_summary_text(summary, offender, "name"),
                               *version ? " " : "", version);
}

static bool is_counted_in_modules(const json_t *check)
{
    return !strcmp(thaw_key_string(check, "metric"), "modules");
}

enum { shown_arrows = 4 };

static size_t arrows_of(const char *chain)
{
    size_t arrows = 0;

    for (const char *at = chain; (at = strstr(at, " > ")); at++)
        arrows++;
    return arrows;
}

/* "a > b > ... > y > z" */
static const char *shortened(struct thaw_summary *summary, const char *chain)
{
    const char *head = chain, *tail = chain;
    size_t arrows = arrows_of(chain);

    if (arrows <= shown_arrows)
        return chain;
    for (size_t i = 0; i < 2; i++)
        head = strstr(head, " > ") + strlen(" > ");
    for (size_t i = 0; i < arrows - 1; i++)
        tail = strstr(tail, " > ") + strlen(" > ");
    return thaw_summary_format(summary, "%.*s... > %s", (int)(head - chain), chain, tail);
}

const char *thaw_gate_view_offender(struct thaw_summary *summary, const json_t *check,
                                    const json_t *offender)
{
    const json_t *number = json_object_get(offender, "change");
    const char *change = signed_number(summary, thaw_key_string(check, "unit"), number);
    const char *what = thaw_summary_text(summary, offender, "what");
    const char *by = thaw_gate_view_place(summary, offender);
    const char *text = offender_name(summary, offender);

    bool is_there = !strcmp(what, "there"); /* and what was before is not known */

    if (!*by)
        by = shortened(summary, thaw_summary_text(summary, offender, "chain"));
    if (is_forbidden(check))
        return thaw_summary_format(summary, "%s%s%s", text, *by ? " is imported by " : "", by);
    if (*what && !is_there)
        text = thaw_summary_format(summary, "%s %s%s", text,
                                   !strcmp(what, "other version") ? "is an" : "", what);
    if (*change)
        text = thaw_summary_format(summary, "%s: %s%s", text, change + (is_there && *change == '+'),
                                   !is_counted_in_modules(check)          ? ""
                                   : fabs(json_number_value(number)) == 1 ? " module"
                                                                          : " modules");
    return thaw_summary_format(summary, "%s%s%s", text, *by ? ", by " : "", by);
}

/* "function_app.py:9 > function_app > pandas", "requirements.txt:2 > pandas": by nobody else's way.
 */
static bool is_direct(const json_t *offender, const char *chain)
{
    const char *file = thaw_key_string(offender, "file");
    size_t length = strlen(file), links = arrows_of(chain);

    return links <= 1 || (links == 2 && length > 3 && !strcmp(file + length - 3, ".py"));
}

const char *thaw_gate_view_chain(struct thaw_summary *summary, const json_t *offender)
{
    const char *chain = thaw_summary_text(summary, offender, "chain");

    return !*thaw_gate_view_place(summary, offender) || is_direct(offender, chain) ? "" : chain;
}

size_t thaw_gate_view_rest(const json_t *check, size_t shown)
{
    size_t listed = json_array_size(json_object_get(check, "offenders"));

    return (listed > shown ? listed - shown : 0) + thaw_summary_number(check, "offenders_more");
}
