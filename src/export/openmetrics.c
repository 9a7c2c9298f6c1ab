/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "export/openmetrics.h"
#include "report/metric_text.h"

const char *const thaw_openmetrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
const char *const thaw_openmetrics_plain_type = "text/plain; version=0.0.4; charset=utf-8";

/* How a type is called in both texts, and what its samples' names end in. The older text knows
 * samples only. */
static const struct {
    const char *open, *plain, *suffix;
} types[] = {
    [THAW_FAMILY_GAUGE] = {"gauge", "gauge", ""},
    [THAW_FAMILY_COUNTER] = {"counter", "counter", "_total"},
    [THAW_FAMILY_HISTOGRAM] = {"histogram", "histogram", ""},
    [THAW_FAMILY_INFO] = {"info", "gauge", "_info"},
};

static void write_head(const struct thaw_family_row *row, bool open_metrics, FILE *stream)
{
    const char *suffix = open_metrics ? "" : types[row->type].suffix;

    fprintf(stream, "# TYPE %s%s %s\n", row->name, suffix,
            open_metrics ? types[row->type].open : types[row->type].plain);
    if (open_metrics && *row->unit)
        fprintf(stream, "# UNIT %s %s\n", row->name, row->unit);
    fprintf(stream, "# HELP %s%s %s\n", row->name, suffix, row->help);
}

/* name{labels,le="bound"} with a space behind; bound NULL: none. */
static void write_name(const struct thaw_family_row *row, const char *suffix,
                       const struct thaw_point *point, const char *bound, FILE *stream)
{
    char separator = '{';

    fputs_unlocked(row->name, stream);
    fputs_unlocked(suffix, stream);
    for (size_t i = 0; i < point->label_count; i++, separator = ',') {
        putc_unlocked(separator, stream);
        thaw_metric_text_label(stream, point->labels[i].name, point->labels[i].value);
    }
    if (bound) {
        putc_unlocked(separator, stream);
        thaw_metric_text_label(stream, "le", bound);
        separator = ',';
    }
    if (separator == ',')
        putc_unlocked('}', stream);
    putc_unlocked(' ', stream);
}

static void write_number(double number, FILE *stream)
{
    char text[THAW_METRIC_NUMBER_BYTES];

    fputs_unlocked(thaw_metric_text_number(text, number), stream);
}

static void write_exemplar(const struct thaw_exemplar *exemplar, FILE *stream)
{
    static const int64_t second = 1000000000;
    char separator = '{';

    if (!*exemplar->trace)
        return;
    fputs_unlocked(" # ", stream);
    putc_unlocked(separator, stream);
    thaw_metric_text_label(stream, "trace_id", exemplar->trace);
    if (*exemplar->span) {
        putc_unlocked(',', stream);
        thaw_metric_text_label(stream, "span_id", exemplar->span);
    }
    fputs_unlocked("} ", stream);
    write_number(exemplar->value, stream);
    if (exemplar->unix_ns > 0)
        fprintf(stream, " %" PRId64 ".%03" PRId64, exemplar->unix_ns / second,
                exemplar->unix_ns % second / 1000000);
}

static void write_histogram(const struct thaw_family_row *row, const struct thaw_point *point,
                            bool open_metrics, FILE *stream)
{
    const struct thaw_histogram *histogram = point->histogram;
    uint64_t count = 0;

    for (size_t i = 0; i <= histogram->bound_count; i++) {
        char bound[THAW_METRIC_NUMBER_BYTES];

        count += histogram->counts[i];
        thaw_metric_text_bound(bound, i < histogram->bound_count ? histogram->bounds[i] : INFINITY);
        write_name(row, "_bucket", point, bound, stream);
        write_number((double)count, stream);
        if (open_metrics && histogram->exemplars)
            write_exemplar(&histogram->exemplars[i], stream);
        putc_unlocked('\n', stream);
    }
    write_name(row, "_count", point, NULL, stream);
    write_number((double)count, stream);
    putc_unlocked('\n', stream);
    write_name(row, "_sum", point, NULL, stream);
    write_number(histogram->sum, stream);
    putc_unlocked('\n', stream);
}

static void write_family(const struct thaw_family *family, bool open_metrics, FILE *stream)
{
    write_head(family->row, open_metrics, stream);
    for (size_t i = 0; i < family->points.count; i++) {
        const struct thaw_point *point = &family->points.items[i];

        if (family->row->type == THAW_FAMILY_HISTOGRAM) {
            if (point->histogram)
                write_histogram(family->row, point, open_metrics, stream);
            continue;
        }
        write_name(family->row, types[family->row->type].suffix, point, NULL, stream);
        write_number(family->row->type == THAW_FAMILY_INFO ? 1 : point->number, stream);
        putc_unlocked('\n', stream);
    }
}

int thaw_openmetrics_write(const struct thaw_families *families, bool open_metrics, FILE *stream)
{
    for (size_t i = 0; i < families->items.count; i++)
        write_family(&families->items.items[i], open_metrics, stream);
    if (open_metrics)
        fputs("# EOF\n", stream);
    return fflush(stream) || ferror(stream) ? -EIO : 0;
}

/* --- content negotiation --- */

/* Thousandths of a q value ("0.75"), 1000 where it is none. */
static int weight_of(const char *text, size_t length)
{
    int weight = 0, scale = 1000;

    if (!length || (*text != '0' && *text != '1'))
        return 1000;
    for (size_t i = 0; i < length && i < 5; i++) {
        if (text[i] == '.')
            continue;
        if (text[i] < '0' || text[i] > '9')
            break;
        weight += (text[i] - '0') * scale;
        scale /= 10;
    }
    return weight > 1000 ? 1000 : weight;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && !strncasecmp(text, word, length);
}

/* Takes what comes before one of the ends, without the space around it. */
static size_t take_word(const char **at, const char *ends, const char **word)
{
    size_t length;

    *at += strspn(*at, " \t");
    *word = *at;
    length = strcspn(*at, ends);
    *at += length;
    while (length && ((*word)[length - 1] == ' ' || (*word)[length - 1] == '\t'))
        length--;
    return length;
}

/* One range of an Accept header, up to the comma: its weight is kept where it is the type's. */
static void take_range(const char **at, int *open, int *plain)
{
    const char *type, *name, *value;
    size_t type_length = take_word(at, ",;", &type), name_length, value_length;
    bool known_version = true;
    int weight = 1000;

    while (**at == ';') {
        ++*at;
        name_length = take_word(at, ",;=", &name);
        if (**at != '=')
            continue;
        ++*at;
        value_length = take_word(at, ",;", &value);
        if (is_word(name, name_length, "q"))
            weight = weight_of(value, value_length);
        else if (is_word(name, name_length, "version"))
            known_version =
                is_word(value, value_length, "1.0.0") || is_word(value, value_length, "\"1.0.0\"");
    }
    if (is_word(type, type_length, "application/openmetrics-text") && known_version)
        *open = weight > *open ? weight : *open;
    else if (is_word(type, type_length, "text/plain"))
        *plain = weight > *plain ? weight : *plain;
}

bool thaw_openmetrics_accepted(const char *accept)
{
    int open = 0, plain = 0;

    while (accept && *accept) {
        take_range(&accept, &open, &plain);
        if (*accept == ',')
            accept++;
    }
    return open > 0 && open >= plain;
}
