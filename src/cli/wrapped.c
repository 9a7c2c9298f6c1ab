/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wrapped.h"

#include <string.h>

void thaw_write_wrapped(const char *text, int indent, int width, FILE *stream)
{
    int column = indent;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > width) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(stream, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}
