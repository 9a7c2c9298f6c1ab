/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "thaw/recording.h"
#include "thaw/timeline.h"
#include "timeline_rules.h"

/* Recordings in either form: whatever they hold, their timeline is sound. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL;
    const char *broken;

    if (thaw_recording_parse(data, size, &recording, NULL) < 0)
        return 0;
    if (thaw_timeline_build(recording, &timeline, NULL) < 0)
        abort();
    broken = timeline_broken_rule(timeline);
    if (broken) {
        fprintf(stderr, "does not hold: %s\n", broken);
        abort();
    }
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    return 0;
}
