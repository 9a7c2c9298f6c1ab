/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_PLATFORM_H
#define THAW_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/wire.h"

/*
 * A platform is one file with one `struct thaw_platform`, listed in platforms.c. It says how to
 * recognise a worker process, which bytes open its connection, how to decode them, what each of
 * its messages means for a cold start and which of them answer which, and what of it can't be seen
 * from inside. A part it has no use for is NULL. No other file knows a platform's own words.
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

/*
 * Bytes by which a connection of the platform begins, at its first send: the kernel side looks for
 * the first THAW_KERNEL_OPENING_BYTES of them.
 */
struct thaw_platform_signature {
    const char *bytes;
    size_t length;
};

/* What a message means for a cold start, whatever the platform calls it. */
enum thaw_wire_meaning {
    THAW_WIRE_MEANING_NONE, /* not in the platform's table */
    THAW_WIRE_MEANING_HELLO,
    THAW_WIRE_MEANING_READY,       /* the worker is set up, and asks for work */
    THAW_WIRE_MEANING_INIT_FAILED, /* it can't be set up: it gives up */
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

/* What a request and its response are to a cold start. */
enum thaw_exchange_role {
    THAW_EXCHANGE_SETUP,
    THAW_EXCHANGE_SPECIALIZE, /* a placeholder becomes a customer's worker */
    THAW_EXCHANGE_INVOCATION,
};

/* What a request shares with its response, beside its process; of several, the oldest is answered.
 */
enum thaw_exchange_key {
    THAW_EXCHANGE_BY_ORDER, /* nothing */
    THAW_EXCHANGE_BY_FUNCTION,
    THAW_EXCHANGE_BY_INVOCATION,
};

/* Two messages of which the second answers the first. */
struct thaw_platform_exchange {
    const char *request;
    const char *response;
    const char *failure; /* may come instead of the response, NULL: nothing does */
    enum thaw_exchange_role role;
    enum thaw_exchange_key key;
    const char *phase; /* part of a phase: "init" in "worker.init" */
};

/* A part of every cold start that is over before anything of it could be seen. */
struct thaw_platform_unseen {
    const char *what;
    const char *why;
    uint64_t typical_ns; /* 0: no typical figure */
    const char *source;  /* of the typical figure, "" none */
};

/* What it means to the app that an answer is no success. */
struct thaw_platform_failure {
    enum thaw_wire_meaning answer;
    const char *exception; /* its type; NULL any, these come last */
    const char *words;     /* one clause */
};

/* How long a platform waits for an answer, or (request NONE) for a worker to be ready. */
struct thaw_platform_limit {
    enum thaw_wire_meaning request;
    uint64_t ns;
    const char *words; /* whose limit that is, and what it does then: one clause */
};

/* What a deployment for the platform is told by. */
struct thaw_platform_sign {
    const char *kind; /* of target: "app", "layer" */
    const char *path; /* a file or, with a slash at its end, a folder; * within a name */
};

/* What of a deployment a limit of its size is about. */
enum thaw_platform_measure {
    THAW_MEASURE_UNPACKED, /* its files, when it is unpacked */
    THAW_MEASURE_ZIP,      /* the zip, if it is one */
    THAW_MEASURE_IMAGE,    /* a container's root folder */
};

/* A limit of a deployment's size. */
struct thaw_platform_size {
    const char *id;
    const char *what; /* whose and of what, one clause */
    enum thaw_platform_measure measure;
    uint64_t bytes;
    bool is_hard; /* the platform refuses what is over it; else it is advice */
    const char *source;
    const char *dated; /* when the source was read */
};

/* Data that the platform brings to a function or takes from it, for which a library is loaded as
 * well. Lists end with NULL. */
struct thaw_platform_binding {
    const char *package;       /* of the library: "a.b" */
    const char *binding;       /* "an input binding", for people */
    const char *const *names;  /* of the library, that a binding makes unnecessary */
    const char *const *acts;   /* methods of these that it does */
    const char *const *beyond; /* names that no binding does: the library is needed */
    const char *limits;        /* what a binding can't, one clause */
    const char *source;
    const char *dated; /* when the source was read */
};

/* What an app of a platform is. */
enum thaw_platform_functions {
    THAW_FUNCTIONS_NONE,    /* no function: a server */
    THAW_FUNCTIONS_ONE,     /* one */
    THAW_FUNCTIONS_SEVERAL, /* several, each with a name of its own */
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
    bool signature_repeats; /* each request begins so, not only a connection */

    const char *const *hosts; /* programs that start its workers, or .NET assemblies; NULL none is
                                 known; NULL-terminated */
    const char *host_runner;  /* program that runs such assemblies, NULL none */

    enum thaw_platform_functions functions; /* in an app */
    bool works_in_app;                      /* a worker's working directory is the application's */
    /* Functions that aren't async are called in other threads than the main one, where Python
     * allows no signal.signal(). */
    bool calls_in_threads;

    const struct thaw_platform_sign *signs;
    size_t sign_count;
    const char *app_folder; /* in its own images, below the root; NULL: no such custom */

    /* A file of the app's folder that has settings for runs on a developer's machine: JSON, an
     * object of texts under settings_key; NULL: no such custom. */
    const char *settings_file, *settings_key;

    /*
     * Python (3.8 to 3.15, standard library) that defines describe(entries, folder): what the
     * platform makes of an app whose modules of these names are loaded. It gives who told, and for
     * each function its name, its bindings (texts) and its type hints (a text). It runs behind
     * src/trial/probe.py, in one namespace with it; NULL: nothing can be told.
     */
    const char *describe_app;

    const struct thaw_platform_size *sizes;
    size_t size_count;

    const struct thaw_platform_message *messages;
    size_t message_count;

    const struct thaw_platform_exchange *exchanges;
    size_t exchange_count;

    const struct thaw_platform_failure *failures;
    size_t failure_count;

    const struct thaw_platform_limit *limits; /* of one request, shortest first */
    size_t limit_count;

    const struct thaw_platform_binding *bindings;
    size_t binding_count;

    const struct thaw_platform_unseen *unseen;
    size_t unseen_count;

    const char *trigger_end; /* of its triggers' names, no part of the kind: "httpTrigger"; NULL */

    /* Once there is a function with this trigger, messages are needed whole; NULL: none is. */
    const char *whole_trigger;

    /* Requests name their callers' trace, behind all else: the first one is needed whole, too. */
    bool tells_trace;

    /* The decoder behind thaw_wire_*(): see there. open returns NULL when memory is short. */
    struct thaw_wire_stream *(*open)(bool from_start);
    int (*feed)(struct thaw_wire_stream *stream, const struct thaw_wire_chunk *chunk,
                struct thaw_error *error);
    int (*finish)(struct thaw_wire_stream *stream, struct thaw_error *error);
    void (*close)(struct thaw_wire_stream *stream);
};

/* All platforms, most specific first; *ret_count is set. */
const struct thaw_platform *const *thaw_platforms_all(size_t *ret_count);

/* May the program be a platform's host (only: of this one, NULL any)? Its command line tells. */
bool thaw_platforms_may_host(const struct thaw_platform *only, const char *executable);

/* Whose host the process is, NULL none's. */
const struct thaw_platform *thaw_platforms_host(const struct thaw_platform *only,
                                                const struct thaw_process_view *process);

/* The platform of that name, or NULL. */
const struct thaw_platform *thaw_platforms_find(const char *name);

/*
 * The platform of that name; where it is unknown or "", the first that has such a message in its
 * table; NULL if none has.
 */
const struct thaw_platform *thaw_platforms_of_message(const char *name, const char *type);

/*
 * The first platform (or `only` that one, unless it is NULL) that recognises the process, with
 * *ret_match filled; NULL if none does (*ret_match is zeroed then).
 */
const struct thaw_platform *thaw_platforms_recognise(const struct thaw_platform *only,
                                                     const struct thaw_process_view *process,
                                                     struct thaw_platform_match *ret_match);

/*
 * Could bytes, the first ones sent on a connection, open one of the platform's? True as long as
 * they agree with a signature, however few they are.
 */
bool thaw_platform_opens_with(const struct thaw_platform *platform, const uint8_t *bytes,
                              size_t length);

/*
 * What the platform's message of that type means; THAW_WIRE_MEANING_NONE if it says nothing, or
 * there is no platform (NULL).
 */
enum thaw_wire_meaning thaw_platform_meaning(const struct thaw_platform *platform,
                                             const char *type);

/*
 * The exchange that a message of that type asks for or answers (*ret_is_response is set), NULL if
 * it is part of none, or there is no platform (NULL).
 */
const struct thaw_platform_exchange *thaw_platform_exchange(const struct thaw_platform *platform,
                                                            const char *type,
                                                            bool *ret_is_response);

/*
 * What it means that an answer of that type, with that type of exception ("" unknown), is no
 * success; "" when the platform (NULL: none) has no more to say.
 */
const char *thaw_platform_failure_words(const struct thaw_platform *platform, const char *type,
                                        const char *exception);

/* The longest limit for an answer to a request of that type that is over after waited_ns; NULL
 * none. */
const struct thaw_platform_limit *thaw_platform_limit(const struct thaw_platform *platform,
                                                      const char *type, uint64_t waited_ns);

/* The limit from a worker's start until it is ready, NULL none (also of no platform). */
const struct thaw_platform_limit *thaw_platform_start_limit(const struct thaw_platform *platform);

/* Notes a sign (a static string) in the match; further ones than fit are dropped. */
void thaw_platform_match_sign(struct thaw_platform_match *match, const char *sign);

#endif
