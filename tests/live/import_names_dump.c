/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python/import_names.h"

/*
 * Prints, for each file named on standard input (one a line), its path and the names that are
 * imported in it, separated by tabs. Built by test_import_names.py.
 */
static int print_name(void *context, const struct thaw_import_name *name)
{
    (void)context;
    printf("\t%s%s", name->name, name->may_be_value ? "?" : "");
    return 0;
}

static int print_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long size = -1;
    int result = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)size + 1);
    if (bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size) {
        printf("%s", path);
        result = thaw_import_names(bytes, (size_t)size, print_name, NULL);
        putchar('\n');
    }
    free(bytes);
    if (file)
        fclose(file);
    return result;
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (print_file(line) < 0)
            return 1;
    }
    free(line);
    return 0;
}
