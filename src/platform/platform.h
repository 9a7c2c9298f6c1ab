/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_PLATFORM_H
#define THAW_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/wire.h"

/*
 * A platform is one file with one `struct thaw_platform`, listed in platforms.c. It says how to
 * recognise a worker process, which bytes open its connection, how to decode them, and what each
 * of its messages means for a cold start. A part it has no use for is NULL.
 */

enum {
    THAW_PLATFORM_SIGNS = 12, /* most signs a match lists */
    THAW_PLATFORM_WORKER_ID_BYTES = 128,
};

/* What is known of a process. Arguments are as the kernel has them: hostile, any length. */
struct thaw_process_view {
    const char *executable; /* path, NULL if unknown */
    const char *const *arguments;
    size_t argument_count;
};

struct thaw_platform_match {
    const struct thaw_platform *platform;
    const char *signs[THAW_PLATFORM_SIGNS]; /* what gave it away; static strings */
    size_t sign_count;
    uint16_t port;                                     /* its connection's remote port, 0 unknown */
    char worker_id[THAW_PLATFORM_WORKER_ID_BYTES + 1]; /* "" unknown; cut if longer */
};

/* Bytes by which a connection of the platform begins, at its first send. */
struct thaw_platform_signature {
    const char *bytes;
    size_t length;
};

/* What a message means for a cold start, whatever the platform calls it. */
enum thaw_wire_meaning {
    THAW_WIRE_MEANING_NONE, /* not in the platform's table */
    THAW_WIRE_MEANING_HELLO,
    THAW_WIRE_MEANING_INIT_BEGIN,
    THAW_WIRE_MEANING_INIT_END,
    THAW_WIRE_MEANING_SPECIALIZE_BEGIN, /* a placeholder worker becomes a customer's */
    THAW_WIRE_MEANING_SPECIALIZE_END,
    THAW_WIRE_MEANING_INDEX_BEGIN, /* which functions are there? */
    THAW_WIRE_MEANING_INDEX_END,
    THAW_WIRE_MEANING_LOAD_BEGIN,
    THAW_WIRE_MEANING_LOAD_END,
    THAW_WIRE_MEANING_WARMUP_BEGIN,
    THAW_WIRE_MEANING_WARMUP_END,
    THAW_WIRE_MEANING_INVOCATION_BEGIN,
    THAW_WIRE_MEANING_INVOCATION_END,
    THAW_WIRE_MEANING_INVOCATION_CANCEL,
    THAW_WIRE_MEANING_LOG,
    THAW_WIRE_MEANING_HOUSEKEEPING, /* health checks and the like */
    THAW_WIRE_MEANING_TERMINATE,
};

struct thaw_platform_message {
    const char *type;
    enum thaw_wire_meaning meaning;
};

struct thaw_platform {
    const char *name;

    /*
     * Is this process one of the platform's workers? Fills signs, port and worker_id of a zeroed
     * match as far as known, also when it returns false. NULL if processes cannot tell.
     */
    bool (*recognise)(const struct thaw_process_view *process, struct thaw_platform_match *match);

    const struct thaw_platform_signature *signatures;
    size_t signature_count;

    const struct thaw_platform_message *messages;
    size_t message_count;

    /* Once there is a function with this trigger, messages are needed whole; NULL: none is. */
    const char *whole_trigger;

    /* The decoder behind thaw_wire_*(): see there. open returns NULL when memory is short. */
    struct thaw_wire_stream *(*open)(bool from_start);
    int (*feed)(struct thaw_wire_stream *stream, const struct thaw_wire_chunk *chunk,
                struct thaw_error *error);
    int (*finish)(struct thaw_wire_stream *stream, struct thaw_error *error);
    void (*close)(struct thaw_wire_stream *stream);
};

/* All platforms, most specific first; *ret_count is set. */
const struct thaw_platform *const *thaw_platforms_all(size_t *ret_count);

/* The platform of that name, or NULL. */
const struct thaw_platform *thaw_platforms_find(const char *name);

/*
 * The first platform that recognises the process, with *ret_match filled; NULL if none does
 * (*ret_match is zeroed then).
 */
const struct thaw_platform *thaw_platforms_recognise(const struct thaw_process_view *process,
                                                     struct thaw_platform_match *ret_match);

/*
 * Could bytes, the first ones sent on a connection, open one of the platform's? True as long as
 * they agree with a signature, however few they are.
 */
bool thaw_platform_opens_with(const struct thaw_platform *platform, const uint8_t *bytes,
                              size_t length);

/* What the platform's message of that type means; THAW_WIRE_MEANING_NONE if it says nothing. */
enum thaw_wire_meaning thaw_platform_meaning(const struct thaw_platform *platform,
                                             const char *type);

/* Notes a sign (a static string) in the match; further ones than fit are dropped. */
void thaw_platform_match_sign(struct thaw_platform_match *match, const char *sign);

#endif
