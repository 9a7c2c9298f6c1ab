/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "report/issues.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "thaw/analysis.h"

static const struct thaw_finding_kind *kind_of(const char *id)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(kinds[i]->id, id))
            return kinds[i];
    return NULL;
}

/* What a trial has refuted is nothing to be warned of. */
static enum thaw_issue_level level_of(const json_t *finding)
{
    const char *severity = thaw_key_string(finding, "severity");
    const char *verdict = thaw_key_string(json_object_get(finding, "proof"), "verdict");

    if (!strcmp(verdict, "refuted"))
        return THAW_ISSUE_NOTE;
    return !strcmp(severity, "error")     ? THAW_ISSUE_ERROR
           : !strcmp(severity, "warning") ? THAW_ISSUE_WARNING
                                          : THAW_ISSUE_NOTE;
}

/* The package of the first of its modules that has one. */
static bool set_package_place(struct thaw_summary *summary, struct thaw_issues *issues,
                              struct thaw_issue *issue)
{
    const json_t *modules = json_object_get(summary->report, "modules"), *id;
    size_t i;

    json_array_foreach(json_object_get(issue->finding, "modules"), i, id)
    {
        json_int_t number = json_integer_value(id);
        const json_t *module = number > 0 ? json_array_get(modules, (size_t)number - 1) : NULL;
        const char *name = thaw_key_name(&summary->arena, module, "distribution");

        summary->failed |= !name;
        if (name && *name)
            return thaw_places_requirement(issues->places, name, issue);
    }
    return false;
}

static void set_place(struct thaw_summary *summary, struct thaw_issues *issues,
                      struct thaw_issue *issue)
{
    const json_t *location = json_object_get(issue->finding, "location");
    const json_t *import = json_array_get(json_object_get(issue->finding, "imports"), 0);
    const json_t *at = json_is_object(location) ? location : import;

    issue->path = thaw_places_path(issues->places, thaw_summary_raw(summary, at, "file"));
    issue->line = thaw_summary_number(at, "line");
    if (!*issue->path)
        issue->elsewhere = set_package_place(summary, issues, issue);
}

static void add_finding(struct thaw_summary *summary, struct thaw_issues *issues,
                        const json_t *finding, const json_t *suppressed)
{
    struct thaw_issue *issue = thaw_array_add(&issues->list);

    summary->failed |= !issue;
    if (!issue)
        return;
    *issue = (struct thaw_issue){.id = thaw_summary_text(summary, finding, "id"),
                                 .level = level_of(finding),
                                 .text = thaw_summary_text(summary, finding, "title"),
                                 .finding = finding,
                                 .suppressed = suppressed};
    issue->kind = kind_of(issue->id);
    set_place(summary, issues, issue);
}

static void add_findings(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "findings"), i, finding)
        add_finding(summary, issues, finding, NULL);
}

static void add_suppressed(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "suppressed"), i, entry)
        add_finding(summary, issues, json_object_get(entry, "finding"), entry);
}

/* --- fingerprints --- */

/* "12", "(2.5", "9.2;" */
static bool is_number(const char *word, size_t length)
{
    bool has_digit = false;

    for (size_t i = 0; i < length; i++) {
        if (!strchr("0123456789.,:;()%", word[i]))
            return false;
        has_digit |= word[i] >= '0' && word[i] <= '9';
    }
    return has_digit;
}

/* Each part's hash is the seed of the next one's. */
static void mix(uint64_t *hash, const char *text, size_t length)
{
    *hash = XXH3_64bits_withSeed(text, length, *hash);
}

static void mix_text(uint64_t *hash, const char *text)
{
    mix(hash, text, strlen(text));
}

/* A word's length without ":12" at its end, a line's number. */
static size_t without_line(const char *word, size_t length)
{
    size_t end = length;

    while (end && word[end - 1] >= '0' && word[end - 1] <= '9')
        end--;
    return end < length && end && word[end - 1] == ':' ? end - 1 : length;
}

/* A sentence without its numbers, which differ from recording to recording. */
static void mix_sentence(uint64_t *hash, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " ");

        if (!is_number(text, length))
            mix(hash, text, without_line(text, length));
        text += length + strspn(text + length, " ");
    }
}

/* The statements it is about, by what they import; where it is about none, its sentence. */
static void mix_subject(struct thaw_summary *summary, uint64_t *hash,
                        const struct thaw_issue *issue)
{
    const json_t *imports = json_object_get(issue->finding, "imports"), *import;
    size_t i;

    if (issue->subject) {
        mix_text(hash, issue->subject);
        return;
    }
    json_array_foreach(imports, i, import)
        mix_text(hash, thaw_summary_raw(summary, import, "module"));
    if (!json_array_size(imports))
        mix_sentence(hash, issue->text);
}

static uint64_t fingerprint(struct thaw_summary *summary, const struct thaw_issue *issue,
                            uint64_t number)
{
    uint64_t hash = 0;

    mix_text(&hash, issue->id);
    mix_text(&hash, issue->path);
    mix_subject(summary, &hash, issue);
    if (number)
        mix(&hash, (const char *)&number, sizeof(number));
    return hash;
}

/* The second of two that are alike, as of two equal statements, is told by its number. */
void thaw_issues_set_fingerprints(struct thaw_summary *summary, struct thaw_issues *issues)
{
    json_t *taken = json_object();

    summary->failed |= !taken;
    for (size_t i = 0; taken && i < issues->list.count; i++) {
        struct thaw_issue *issue = &issues->list.items[i];
        char key[sizeof("0123456789abcdef")];
        json_int_t before;

        issue->fingerprint = fingerprint(summary, issue, 0);
        snprintf(key, sizeof(key), "%016" PRIx64, issue->fingerprint);
        before = json_integer_value(json_object_get(taken, key));
        summary->failed |= json_object_set_new(taken, key, json_integer(before + 1)) != 0;
        if (before)
            issue->fingerprint = fingerprint(summary, issue, (uint64_t)before);
    }
    json_decref(taken);
}

static void set_missing_places(struct thaw_issues *issues)
{
    for (size_t i = 0; i < issues->list.count; i++)
        if (!*issues->list.items[i].path)
            thaw_places_anywhere(issues->places, &issues->list.items[i]);
}

bool thaw_issues_find(struct thaw_summary *summary, struct thaw_issues *ret)
{
    *ret = (struct thaw_issues){.places = thaw_places_begin(summary)};
    if (!ret->places)
        return false;
    add_findings(summary, ret);
    thaw_issues_of_target(summary, ret);
    add_suppressed(summary, ret);
    set_missing_places(ret);
    thaw_issues_set_fingerprints(summary, ret);
    return !summary->failed;
}

void thaw_issues_free(struct thaw_issues *issues)
{
    thaw_array_free(&issues->list);
    thaw_places_free(issues->places);
    issues->places = NULL;
}

/* --- words --- */

const char *thaw_issue_level_word(enum thaw_issue_level level)
{
    static const char *const words[] = {
        [THAW_ISSUE_NOTE] = "note",
        [THAW_ISSUE_WARNING] = "warning",
        [THAW_ISSUE_ERROR] = "error",
    };

    return words[level];
}

const char *thaw_issue_sentences(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    const char *text = thaw_summary_format(summary, "%s.", issue->text);
    const char *const *lines;

    if (issue->more)
        return *issue->more ? thaw_summary_format(summary, "%s %s", text, issue->more) : text;
    if (!issue->finding)
        return text;
    lines = thaw_summary_written(summary, thaw_summary_finding, issue->finding);
    for (size_t i = 1; lines[0] && lines[i]; i++) /* the first one is the title */
        text = thaw_summary_format(summary, "%s %s", text, thaw_summary_unled(lines[i]));
    return text;
}

size_t thaw_issues_count(const struct thaw_issues *issues, enum thaw_issue_level level)
{
    size_t count = 0;

    for (size_t i = 0; i < issues->list.count; i++)
        count += issues->list.items[i].level == level && !issues->list.items[i].suppressed;
    return count;
}
