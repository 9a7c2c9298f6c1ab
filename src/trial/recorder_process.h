/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_RECORDER_PROCESS_H
#define THAW_TRIAL_RECORDER_PROCESS_H

#include "trial/recorder.h"

/* What passes between the process that keeps the rights (recorder.h) and its starter: one of these
 * a packet. */
enum thaw_recorder_message_kind {
    THAW_RECORDER_ORDER,  /* down */
    THAW_RECORDER_STOP,   /* down: end the recording that is under way */
    THAW_RECORDER_LINE,   /* up: for people */
    THAW_RECORDER_ANSWER, /* up */
};

struct thaw_recorder_message {
    enum thaw_recorder_message_kind kind;
    union {
        struct thaw_recorder_order order;
        struct thaw_recorder_answer answer;
        char line[512];
    };
};

/* Serves orders until the socket is closed. Never returns. */
_Noreturn void thaw_recorder_main(const struct thaw_repeat_options *options, int socket,
                                  int listed);

#endif
