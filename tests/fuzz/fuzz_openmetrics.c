/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "export/openmetrics.h"
#include "report/metric_text.h"

/* The bytes as an Accept header, as a label's value, and as numbers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_label(const char *value)
{
    char *text = NULL;
    size_t length = 0, quotes = 0;
    FILE *stream = open_memstream(&text, &length);

    if (!stream)
        return;
    thaw_metric_text_label(stream, "l", value);
    fclose(stream);
    if (!thaw_text_is_utf8(text, length) || strchr(text, '\n'))
        abort();
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            i++;
        else
            quotes += text[i] == '"';
    }
    if (quotes != 2 || text[length - 1] != '"')
        abort();
    free(text);
}

static void check_number(double number)
{
    char text[THAW_METRIC_NUMBER_BYTES], *end;
    double back = strtod(thaw_metric_text_number(text, number), &end);

    if (*end || (back != number && !(isnan(back) && isnan(number))))
        abort();
    back = strtod(thaw_metric_text_bound(text, number), &end);
    if (*end || (back != number && !(isnan(back) && isnan(number))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    if (!text)
        return 0;
    thaw_openmetrics_accepted(text);
    check_label(text);
    for (size_t i = 0; i + sizeof(double) <= size; i += sizeof(double)) {
        double number;

        memcpy(&number, data + i, sizeof(number));
        check_number(number);
    }
    free(text);
    return 0;
}
