/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_WRAPPED_H
#define THAW_CLI_WRAPPED_H

#include <stdio.h>

/* Text from column indent on, where the cursor is, wrapped at width; a newline after it. */
void thaw_write_wrapped(const char *text, int indent, int width, FILE *stream);

#endif
