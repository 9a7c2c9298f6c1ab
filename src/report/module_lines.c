/* SPDX-License-Identifier: Apache-2.0 */
#include "report/module_lines.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "report/json_parts.h"
#include "report/json_sink.h"

#define LEAST_MODULES 256 /* for which a thread is worth while */

/* What one thread makes. */
struct share {
    const struct thaw_analysis *analysis;
    const struct thaw_json_known *known;
    size_t first, end;
    THAW_ARRAY(char) text;
    bool failed;
    pthread_t thread;
    bool threaded;
};

/* A json_dump_callback_t. */
static int take(const char *bytes, size_t size, void *data)
{
    struct share *share = data;

    if (share->failed || !thaw_array_reserve(&share->text, share->text.count + size)) {
        share->failed = true;
        return -1;
    }
    memcpy(share->text.items + share->text.count, bytes, size);
    share->text.count += size;
    return 0;
}

static void *make(void *data)
{
    struct share *share = data;
    struct thaw_values values = {0};

    for (size_t i = share->first; i < share->end && !share->failed; i++) {
        json_t *module = thaw_json_module(&values, share->analysis, share->known, i);

        share->failed |= values.failed ||
                         json_dump_callback(module, take, share, THAW_JSON_LINE_FLAGS) < 0 ||
                         take("\n", 1, share) < 0;
        json_decref(module);
    }
    return NULL;
}

static size_t thread_count(size_t modules)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = modules / LEAST_MODULES + 1;

    if (processors > 0 && wanted > (size_t)processors)
        wanted = (size_t)processors;
    return wanted > THAW_MODULE_LINES_PARTS ? THAW_MODULE_LINES_PARTS : wanted;
}

int thaw_module_lines_make(const struct thaw_analysis *analysis, struct thaw_module_lines *ret,
                           struct thaw_error *error)
{
    const struct thaw_json_known known = thaw_json_known(analysis);
    struct share shares[THAW_MODULE_LINES_PARTS] = {0};
    size_t modules = analysis->timeline->module_count, count = thread_count(modules);
    bool failed = false;

    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        shares[i].analysis = analysis;
        shares[i].known = &known;
        shares[i].first = modules * i / count;
        shares[i].end = modules * (i + 1) / count;
        shares[i].threaded =
            i > 0 && pthread_create(&shares[i].thread, NULL, make, &shares[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!shares[i].threaded)
            make(&shares[i]);
    for (size_t i = 0; i < count; i++) {
        if (shares[i].threaded)
            pthread_join(shares[i].thread, NULL);
        failed |= shares[i].failed;
        ret->parts[i] = (struct thaw_module_lines_part){shares[i].text.items, shares[i].text.count};
    }
    return failed ? thaw_error_memory(error) : 0;
}

void thaw_module_lines_free(struct thaw_module_lines *lines)
{
    for (size_t i = 0; i < THAW_MODULE_LINES_PARTS; i++)
        free(lines->parts[i].text);
    memset(lines, 0, sizeof(*lines));
}
