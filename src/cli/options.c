/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/closest.h"

/* Long options come back as FIRST_VALUE + row, clear of all letters. */
#define FIRST_VALUE 256
#define MAXIMUM_OPTIONS 64
#define YEAR_SECONDS (366.0 * 86400)

/* The table in the form getopt_long wants. */
struct forms {
    struct option longs[MAXIMUM_OPTIONS + 2];
    char letters[3 * MAXIMUM_OPTIONS + 4];
    size_t count;
};

static void add_form(struct forms *forms, const char *name, char letter, bool has_argument)
{
    forms->longs[forms->count] =
        (struct option){name, has_argument ? required_argument : no_argument, NULL,
                        FIRST_VALUE + (int)forms->count};
    forms->count++;
    size_t end = strlen(forms->letters);
    if (letter)
        forms->letters[end++] = letter;
    if (letter && has_argument)
        forms->letters[end++] = ':';
}

/* The leading ':' keeps getopt silent and tells a missing argument from an unknown option. */
static size_t make_forms(const struct thaw_option *options, bool options_first, struct forms *forms)
{
    strcpy(forms->letters, options_first ? "+:" : ":");
    for (const struct thaw_option *row = options; row && row->name; row++)
        add_form(forms, row->name, row->letter, row->type != THAW_OPTION_FLAG);
    size_t help = forms->count;
    add_form(forms, "help", 'h', false);
    return help;
}

static const struct thaw_option *row_of(const struct thaw_option *options, int value, size_t count)
{
    if (value >= FIRST_VALUE)
        return (size_t)(value - FIRST_VALUE) < count ? &options[value - FIRST_VALUE] : NULL;
    for (size_t i = 0; i < count; i++) {
        if (options[i].letter == value)
            return &options[i];
    }
    return NULL;
}

bool thaw_option_texts_have(const struct thaw_option_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!strcmp(texts->items[i], text))
            return true;
    return false;
}

int thaw_options_duration(const char *text, uint64_t *ret_ns)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"m", 60}, {"h", 3600}};
    char *end;
    double number = strtod(text, &end);
    if (end == text || end != text + strspn(text, "0123456789."))
        return -EINVAL; /* strtod would also take "inf", "0x10", "1e9" and signs */
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) == 0 && number * units[i].seconds <= YEAR_SECONDS) {
            *ret_ns = (uint64_t)(number * units[i].seconds * 1e9 + 0.5);
            return 0;
        }
    }
    return -EINVAL;
}

bool thaw_option_word(const struct thaw_option *option, size_t index, struct thaw_word *ret)
{
    if (option->type != THAW_OPTION_CHOICE)
        return thaw_offer_word(option->offer, index, ret);
    for (size_t i = 0; option->choices[i]; i++) {
        if (i == index) {
            *ret = (struct thaw_word){.word = option->choices[i]};
            return true;
        }
    }
    return false;
}

static int store_number(const struct thaw_option *row, const char *text, int64_t *place,
                        struct thaw_error *error)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < row->minimum || number > row->maximum)
        return thaw_error_set(error, -EINVAL, "--%s takes a number from %lld to %lld, not '%s'",
                              row->name, (long long)row->minimum, (long long)row->maximum, text);
    *place = number;
    return 0;
}

static int store_choice(const struct thaw_option *row, const char *text, int *place,
                        struct thaw_error *error)
{
    char list[200] = "";
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *place = i;
            return 0;
        }
        size_t end = strlen(list);
        snprintf(list + end, sizeof(list) - end, "%s%s", i ? ", " : "", row->choices[i]);
    }
    return thaw_error_set(error, -EINVAL, "--%s takes one of %s, not '%s'", row->name, list, text);
}

static int store_texts(const struct thaw_option *row, const char *text,
                       struct thaw_option_texts *place, struct thaw_error *error)
{
    if (place->count >= THAW_OPTION_TEXTS_MOST)
        return thaw_error_set(error, -EINVAL, "--%s can be given %d times at most", row->name,
                              THAW_OPTION_TEXTS_MOST);
    place->items[place->count++] = text;
    return 0;
}

static int store_value(const struct thaw_option *row, const char *text, void *values,
                       struct thaw_error *error)
{
    void *place = (char *)values + row->offset;
    switch (row->type) {
    case THAW_OPTION_FLAG:
        *(bool *)place = true;
        return 0;
    case THAW_OPTION_TEXT:
        *(const char **)place = text;
        return 0;
    case THAW_OPTION_TEXTS:
        return store_texts(row, text, place, error);
    case THAW_OPTION_NUMBER:
        return store_number(row, text, place, error);
    case THAW_OPTION_CHOICE:
        return store_choice(row, text, place, error);
    case THAW_OPTION_DURATION:
        if (thaw_options_duration(text, place) == 0)
            return 0;
        return thaw_error_set(error, -EINVAL,
                              "--%s takes a duration such as 500ms, 10s or 2min, "
                              "not '%s'",
                              row->name, text);
    }
    return -EINVAL;
}

/*
 * What is wrong with the option getopt answered with '?' or ':'. optopt is its letter, or the value
 * of its row, or 0 for a long option it does not know; a long option is the word just passed.
 */
static int complain(const struct forms *forms, int answer, char **argv, struct thaw_error *error)
{
    char typed[64];
    if (optopt > 0 && optopt < FIRST_VALUE)
        snprintf(typed, sizeof(typed), "-%c", optopt);
    else
        snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(argv[optind - 1], "="),
                 argv[optind - 1]);
    if (answer == ':')
        return thaw_error_set(error, -EINVAL, "option '%s' needs a value", typed);
    if (optopt >= FIRST_VALUE)
        return thaw_error_set(error, -EINVAL, "option '%s' takes no value", typed);
    struct thaw_closest closest = {.typed = optopt ? "" : typed + 2};
    for (size_t i = 0; i < forms->count; i++)
        thaw_closest_offer(&closest, forms->longs[i].name);
    if (!closest.name)
        return thaw_error_set(error, -EINVAL, "unknown option '%s'", typed);
    return thaw_error_set(error, -EINVAL, "unknown option '%s' (did you mean '--%s'?)", typed,
                          closest.name);
}

char **thaw_options_cut(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--"))
            continue;
        argv[i] = NULL;
        *argc = i;
        return argv + i + 1;
    }
    return NULL;
}

int thaw_options_parse(const struct thaw_option *options, bool options_first, int argc, char **argv,
                       void *values, struct thaw_operands *operands, struct thaw_error *error)
{
    struct forms forms = {0};
    size_t help = make_forms(options, options_first, &forms);
    *operands = (struct thaw_operands){0};
    optind = 0; /* glibc: start anew */
    for (int answer; (answer = getopt_long(argc, argv, forms.letters, forms.longs, NULL)) != -1;) {
        if (answer == '?' || answer == ':')
            return complain(&forms, answer, argv, error);
        if (answer == 'h' || answer == FIRST_VALUE + (int)help) {
            operands->help = true;
            return 0;
        }
        int status = store_value(row_of(options, answer, help), optarg, values, error);
        if (status)
            return status;
    }
    operands->count = argc - optind;
    operands->items = argv + optind;
    return 0;
}
