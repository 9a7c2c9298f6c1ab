/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closure_fixture.h"

#define LINK "--no-as-needed --disable-new-dtags"

static void make(const struct scratch *scratch, const char *name, const char *options)
{
    const char *code = scratch_path(scratch, "code.o"), *path;
    char *said;

    if (access(code, F_OK) != 0 &&
        !scratch_compile(scratch, "code.o", "int _start(void) { return 0; }", "-c -fPIC"))
        abort();
    path = scratch_write_text(scratch, name, "");
    said = scratch_output("ld -o '%s' '%s' %s && echo", path, code, options);
    if (!said) {
        fprintf(stderr, "cannot make %s with %s\n", name, options);
        abort();
    }
    free(said);
    chmod(path, 0755);
}

/* A library of that SONAME: whatever is linked with it needs that name. */
static void stub(const struct scratch *scratch, const char *soname)
{
    char path[256], options[512];

    snprintf(path, sizeof(path), "stubs/%s", soname);
    if (access(scratch_path(scratch, path), F_OK) == 0)
        return;
    snprintf(options, sizeof(options), "-shared " LINK " -soname %s", soname);
    make(scratch, path, options);
}

void closure_object(const struct scratch *scratch, const char *name, const char *needs,
                    const char *options)
{
    char all[4096], words[1024], *rest;
    size_t length = (size_t)snprintf(all, sizeof(all), "%s " LINK " %s",
                                     strstr(options, "-pie") ? "" : "-shared", options);

    snprintf(words, sizeof(words), "%s", needs);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        stub(scratch, word);
        length += (size_t)snprintf(all + length, sizeof(all) - length, " '%s/stubs/%s'",
                                   scratch->path, word);
    }
    make(scratch, name, all);
}
