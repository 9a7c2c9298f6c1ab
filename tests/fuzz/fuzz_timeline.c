/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "thaw/recording.h"
#include "thaw/timeline.h"
#include "timeline_rules.h"

/* Recordings in either form: whatever they hold, their timeline is sound, and stays so when they
 * are their own guest's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct thaw_timeline *timeline, const char *broken)
{
    if (!broken)
        return;
    fprintf(stderr, "does not hold: %s (%zu events)\n", broken, timeline->recording->count);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL, *guest = NULL;

    if (thaw_recording_parse(data, size, &recording, NULL) < 0)
        return 0;
    if (thaw_timeline_build(recording, &timeline, NULL) < 0)
        abort();
    check(timeline, timeline_broken_rule(timeline));
    if (thaw_timeline_build(recording, &guest, NULL) < 0)
        abort();
    if (!thaw_timeline_lay_guest(timeline, guest, NULL))
        check(timeline, broken_vm_rules(timeline));
    thaw_timeline_free(timeline);
    thaw_timeline_free(guest);
    thaw_recording_free(recording);
    return 0;
}
