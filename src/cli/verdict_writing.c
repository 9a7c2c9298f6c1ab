/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verdict_writing.h"

#include <string.h>

#include "cli/rows.h"

#define SUMMARY_FORMAT "summary"

static bool goes_to_stdout(const struct thaw_requests *requests)
{
    for (size_t i = 0; i < requests->count; i++)
        if (!requests->items[i].path || !strcmp(requests->items[i].path, "-"))
            return true;
    return false;
}

bool thaw_verdict_writing_choose(const struct thaw_verdict_writing_choice *choice,
                                 struct thaw_verdict_writing *ret)
{
    struct thaw_requests *requests = &ret->requests;

    if (!thaw_requests_pair(choice->command, choice->formats, choice->outputs, choice->json,
                            SUMMARY_FORMAT, requests) ||
        !thaw_requests_are_apart(choice->command, requests, choice->inputs, choice->input_count) ||
        !thaw_requests_have_room(choice->command, requests))
        return false;
    if (!goes_to_stdout(requests) && !choice->quiet && requests->count < THAW_OPTION_TEXTS_MOST)
        requests->items[requests->count++] = (struct thaw_request){SUMMARY_FORMAT, NULL};
    for (size_t i = 0; i < requests->count; i++) {
        ret->formats[i] = thaw_rows_find(choice->rows, requests->items[i].format);
        if (ret->formats[i])
            continue;
        thaw_rows_complain(choice->command, choice->rows, NULL, requests->items[i].format, "format",
                           "-f");
        return false;
    }
    return true;
}

int thaw_verdict_writing_write(const struct thaw_verdict_writing *writing,
                               const struct thaw_output_content *how, const json_t *document,
                               struct thaw_error *error)
{
    struct thaw_output_content contents[THAW_OPTION_TEXTS_MOST];

    for (size_t i = 0; i < writing->requests.count; i++) {
        contents[i] = *how;
        contents[i].path = writing->requests.items[i].path;
        contents[i].write = writing->formats[i]->write;
        contents[i].report = document;
    }
    return thaw_output_write(contents, writing->requests.count, error);
}
