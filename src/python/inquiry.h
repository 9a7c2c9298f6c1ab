/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_INQUIRY_H
#define THAW_PYTHON_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "thaw/error.h"

/*
 * Asks an interpreter by running it with a script of thaw's: isolated (-I), without site-packages
 * (-S), leaving no bytecode (-B), in "/", with a fixed environment and no error output. Input and
 * answer lie in memory files, so that neither side waits for the other.
 *
 * The interpreter is the user's file: with root's rights it runs as the user given, never as root
 * for a user who is not.
 */
struct thaw_inquiry_question {
    const char *executable;
    const char *script; /* at most 131,071 bytes (execve(2), MAX_ARG_STRLEN) */
    const void *input;  /* what it reads, NULL nothing; not needed after the start */
    size_t input_length;
    bool more_follows; /* of the input, by thaw_inquiry_tell(): a read of descriptor 4 ends when
                          all of it is there */
    uid_t user;
    gid_t group;
    unsigned int seconds; /* of wall clock, and of CPU */
    size_t answer_bytes;  /* as many it may write */
    size_t memory_bytes;  /* of address space; 0 no limit */
};

/* One that runs. */
struct thaw_inquiry {
    pid_t pid;
    int answer;  /* descriptor of the memory file */
    int running; /* descriptor that hangs up when the process is gone */
    int input;   /* -1: all has been told; likewise waited, by whose end it knows */
    int waited;
    bool is_late; /* its time was over */
    const char *executable;
    unsigned int seconds;
    uint64_t deadline_ns; /* CLOCK_MONOTONIC */
};

struct thaw_inquiry_answer {
    char *bytes; /* malloc'd, NULL when length is 0 */
    size_t length;
    bool whole; /* it ended by itself and said that all is well */
};

/*
 * Starts it and returns at once. -EPERM: neither are we that user nor do we have root's rights.
 * After 0 it must be finished; executable must stay until then.
 */
int thaw_inquiry_start(const struct thaw_inquiry_question *question, struct thaw_inquiry *ret,
                       struct thaw_error *error);

/* The rest of the input, once. After a failure, which is of the memory file's, it must be given up.
 */
int thaw_inquiry_tell(struct thaw_inquiry *inquiry, const void *bytes, size_t length,
                      struct thaw_error *error);

/* Instead of thaw_inquiry_finish(): nobody wants to know any more. */
void thaw_inquiry_give_up(struct thaw_inquiry *inquiry);

/*
 * Waits for its end, and makes an end of it when the time is over. What it has written until then
 * is the answer, after -ETIMEDOUT too. -EACCES: it could not be executed as its user; -ENOMEM.
 * ret is filled always, its bytes are the caller's to free.
 */
int thaw_inquiry_finish(struct thaw_inquiry *inquiry, struct thaw_inquiry_answer *ret,
                        struct thaw_error *error);

/*
 * The same in two steps, for a script that closes descriptor 3 when it has written all: the answer
 * is used while the system takes the process apart, which it takes its time for. 0 or -ENOMEM; then
 * thaw_inquiry_end(), as thaw_inquiry_finish() ends.
 */
int thaw_inquiry_hear(struct thaw_inquiry *inquiry, struct thaw_inquiry_answer *ret,
                      struct thaw_error *error);
int thaw_inquiry_end(struct thaw_inquiry *inquiry, struct thaw_error *error);

#endif
