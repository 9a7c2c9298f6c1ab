/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_view.h"
#include "report/target_view.h"

enum { name_columns = 30, version_columns = 24, most_links = 16 };

static const char *version(struct thaw_summary *summary, const json_t *object, const char *key)
{
    const char *text = thaw_summary_text(summary, object, key);

    return *text ? text : "?";
}

static const char *versions(struct thaw_summary *summary, const json_t *change)
{
    const json_t *before = json_object_get(change, "before");
    const json_t *after = json_object_get(change, "after");
    const char *word = json_string_value(json_object_get(change, "change"));

    if (word && !strcmp(word, "version"))
        return thaw_summary_format(summary, "%s -> %s", version(summary, before, "version"),
                                   version(summary, after, "version"));
    return version(summary, json_is_object(after) ? after : before, "version");
}

/* "came", "went", "changed", "grew", "shrank". */
static const char *word_of(const json_t *change)
{
    const char *word = json_string_value(json_object_get(change, "change"));

    if (word && !strcmp(word, "version"))
        return "changed";
    if (word && !strcmp(word, "size"))
        return json_integer_value(json_object_get(change, "disk_bytes_change")) < 0 ? "shrank"
                                                                                    : "grew";
    return word ? word : "";
}

/* "requirements.txt:2 > pandas > numpy"; first stands for the first link, NULL: itself. */
static const char *chain(struct thaw_summary *summary, const json_t *change, const char *first)
{
    size_t count = json_array_size(json_object_get(change, "why"));
    const char *text = "";

    for (size_t i = 0; i < count && i < most_links; i++)
        text =
            thaw_summary_format(summary, "%s%s%s", text, i ? " > " : "",
                                !i && first ? first : thaw_summary_item(summary, change, "why", i));
    return count > most_links ? thaw_summary_format(summary, "%s > ...", text) : text;
}

/* "pandas>=2 in requirements.txt:2 > pandas > numpy". */
static const char *requirement_cause(struct thaw_summary *summary, const json_t *change,
                                     const json_t *cause)
{
    const char *text =
        thaw_summary_format(summary, "%s in %s:%llu", thaw_summary_text(summary, cause, "text"),
                            thaw_summary_text(summary, cause, "file"),
                            (unsigned long long)thaw_summary_number(cause, "line"));

    return json_array_size(json_object_get(change, "why")) > 2 ? chain(summary, change, text)
                                                               : text;
}

/* "pandas 1.5 -> 2.0 (requirements.txt:2 > pandas > numpy)". */
static const char *distribution_cause(struct thaw_summary *summary, const json_t *change,
                                      const json_t *cause)
{
    bool came = json_is_null(json_object_get(cause, "version_before"));
    bool went = json_is_null(json_object_get(cause, "version_after"));

    return thaw_summary_format(summary, "%s %s -> %s (%s)",
                               thaw_summary_text(summary, cause, "name"),
                               came ? "(not there)" : version(summary, cause, "version_before"),
                               went ? "(gone)" : version(summary, cause, "version_after"),
                               chain(summary, change, NULL));
}

/* What brought it where that is known; else who asks for it, which says less. */
static void write_reason(const struct thaw_diff_view *view, const json_t *change)
{
    struct thaw_summary *summary = view->summary;
    const json_t *cause = json_object_get(change, "cause");
    const char *kind = json_string_value(json_object_get(cause, "kind"));
    bool is_gone = json_is_null(json_object_get(change, "after"));
    const char *lead = is_gone ? "    went with " : "    brought by ", *text;

    if (!json_is_array(json_object_get(change, "why")))
        return;
    if (kind && !strcmp(kind, "requirement")) {
        text = requirement_cause(summary, change, cause);
    } else if (kind) {
        text = distribution_cause(summary, change, cause);
    } else if (json_array_size(json_object_get(change, "why")) > 1) { /* more than itself */
        lead = is_gone ? "    was asked for by " : "    asked for by ";
        text = chain(summary, change, NULL);
    } else {
        lead = is_gone && !thaw_view_is_unasked(change) ? "    was " : "    ";
        text = thaw_view_why_more(summary, change);
        if (is_gone && !strcmp(text, "nothing asks for it"))
            text = "nothing asked for it";
    }
    thaw_summary_paragraph(summary, THAW_STYLE_FAINT, lead, text);
}

static void write_row(const struct thaw_diff_view *view, const json_t *change)
{
    struct thaw_summary *summary = view->summary;
    const char *bytes = thaw_diff_view_bytes(view, change, "disk_bytes_change");
    const char *name =
        thaw_summary_fit(summary, thaw_summary_text(summary, change, "name"), name_columns);
    const char *style =
        thaw_summary_style(summary, thaw_diff_view_style(change, "disk_bytes_change"));
    size_t blanks = 10 > thaw_summary_columns(bytes) ? 10 - thaw_summary_columns(bytes) : 0;

    fprintf(summary->stream, "  %*s%s%s%s  %-7s  %s %s\n", (int)blanks, "", style, bytes,
            *style ? "\033[0m" : "", word_of(change), name,
            thaw_summary_fit(summary, versions(summary, change), version_columns));
    if (strcmp(word_of(change), "grew") != 0 && strcmp(word_of(change), "shrank") != 0)
        write_reason(view, change);
}

static bool has_word(const json_t *change, const char *word)
{
    const char *own = json_string_value(json_object_get(change, "change"));

    return own && !strcmp(own, word);
}

/* Of another size, in the same blocks: paths within bytecode are longer, for instance. */
static bool is_slight(const json_t *change)
{
    return has_word(change, "size") &&
           !json_integer_value(json_object_get(change, "disk_bytes_change"));
}

static size_t count_of(const json_t *changes, const char *word)
{
    const json_t *change;
    size_t i, count = 0;

    json_array_foreach(changes, i, change) count += has_word(change, word);
    return count;
}

/* How many of them there are. */
static size_t count_slight(const json_t *changes)
{
    const json_t *change;
    size_t i, count = 0;

    json_array_foreach(changes, i, change) count += is_slight(change);
    return count;
}

static void write_title(const struct thaw_diff_view *view, const json_t *changes, size_t slight)
{
    struct thaw_summary *summary = view->summary;

    thaw_summary_title(
        summary,
        thaw_summary_format(
            summary,
            "Distributions: %zu came, %zu went, %zu in another version, %zu grew or shrank",
            count_of(changes, "came"), count_of(changes, "went"), count_of(changes, "version"),
            count_of(changes, "size") - slight));
    thaw_summary_paragraph(
        summary, THAW_STYLE_FAINT, "",
        thaw_summary_format(
            summary, "%s more take as much space on the disk as before",
            thaw_summary_count(summary, slight + thaw_summary_number(summary->report,
                                                                     "distributions_same"))));
}

void thaw_diff_view_distributions(const struct thaw_diff_view *view)
{
    const json_t *changes = thaw_summary_list(view->summary->report, "distributions"), *change;
    size_t slight = count_slight(changes), shown = 0, i;

    if (!changes)
        return;
    write_title(view, changes, slight);
    json_array_foreach(changes, i, change)
    {
        if (is_slight(change) || shown == view->top)
            continue;
        write_row(view, change);
        shown++;
    }
    thaw_view_rest(view->summary, shown, json_array_size(changes) - slight, "distributions");
}
