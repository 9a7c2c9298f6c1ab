/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv_text.h"

#include <stdbool.h>
#include <string.h>

void thaw_csv_text(const char *text, FILE *stream)
{
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0' || *text == ' ';

    if (quoted)
        fputc('"', stream);
    if (*text && strchr("=+-@'", *text))
        fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    if (quoted)
        fputc('"', stream);
}
