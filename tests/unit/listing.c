/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "listing.h"
#include "scratch.h"

void skip_for_want_of(const char *what)
{
    print_message("skip: %s is not installed\n", what);
    skip();
}

/* Address of .text less its place in the file. */
static uint64_t text_shift(const char *path)
{
    uint64_t address = 0, offset = 0;
    char *text = scratch_output("LC_ALL=C objdump -h -j .text '%s' 2>/dev/null | "
                                "awk '$2 == \".text\" {print $4, $6}'",
                                path);

    if (!text || sscanf(text, "%" SCNx64 " %" SCNx64, &address, &offset) != 2)
        skip_for_want_of("objdump (binutils)");
    free(text);
    return address - offset;
}

void listing_make(const char *path, struct listing *listing)
{
    uint64_t shift = text_shift(path);
    char *line, *rest;

    listing->count = 0;
    listing->text =
        scratch_output("LC_ALL=C objdump -d -w -z -j .text --no-show-raw-insn '%s'", path);
    assert_non_null(listing->text);
    for (line = strtok_r(listing->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *end;
        uint64_t address = strtoull(line, &end, 16);

        if (end == line || (*end != ':' && strncmp(end, " <", 2) != 0))
            continue;
        assert_true(listing->count < LISTING_LINES);
        listing->offsets[listing->count] = address - shift;
        listing->lines[listing->count++] = end;
    }
    assert_true(listing->count > 0);
}

bool listing_is_symbol(const char *line)
{
    return *line == ' ';
}

void listing_name(const char *path, const char *function, struct listing_names *names)
{
    char *slot = scratch_output("objdump -R '%s' 2>/dev/null | awk '$3 ~ /^%s(@|$)/ {print $1}'",
                                path, function);

    snprintf(names->own, sizeof(names->own), "<%s>", function);
    snprintf(names->entry, sizeof(names->entry), "<%s@plt>", function);
    snprintf(names->slot, sizeof(names->slot), "# %" PRIx64 " <",
             slot ? (uint64_t)strtoull(slot, NULL, 16) : 0);
    free(slot);
}

bool listing_calls(const char *line, const struct listing_names *names)
{
    return strstr(line, "\tcall") &&
           (strstr(line, names->own) || strstr(line, names->entry) || strstr(line, names->slot));
}

size_t listing_line(const struct listing *listing, uint64_t offset)
{
    for (size_t i = 0; i < listing->count; i++)
        if (listing->offsets[i] == offset && !listing_is_symbol(listing->lines[i]))
            return i;
    fail_msg("no instruction begins at %#" PRIx64, offset);
    return 0;
}
