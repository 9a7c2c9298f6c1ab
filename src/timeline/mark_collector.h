/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_MARK_COLLECTOR_H
#define THAW_TIMELINE_MARK_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "timeline/marks.h"

/* One track while its marks are collected. What returns bool is false when memory is short. */
struct thaw_mark_collector {
    struct thaw_build *build;
    uint32_t id; /* of the process */
    const struct thaw_timeline_process *process;
    const struct thaw_process_facts *facts;
    const struct thaw_exchange *exchanges;  /* of the process: facts->exchange_count */
    const struct thaw_exchange *reload;     /* made it a customer's worker, NULL none */
    const struct thaw_exchange *invocation; /* the first one that counts, NULL none */
    bool warm; /* served already when the recording began: nothing of its start was seen */
    struct thaw_mark start; /* of the process, once thaw_process_marks_start() was called */
    struct thaw_marks *marks;
};

/* Adds a mark with evidence words that live as long as the timeline (NULL: memory is short). */
bool thaw_mark_collector_add(struct thaw_mark_collector *collector, enum thaw_mark_kind kind,
                             uint64_t time_ns, enum thaw_confidence confidence, const char *words);

/* "fork 4117": in the arena, NULL when memory is short. */
const char *thaw_mark_collector_words(const struct thaw_mark_collector *collector, const char *what,
                                      uint32_t pid);

/* "listen on 8000": likewise. */
const char *thaw_listen_words(const struct thaw_mark_collector *collector,
                              const struct thaw_event *listen);

/* The same of another process, whose marks are part of the same track. */
struct thaw_mark_collector thaw_mark_collector_of(const struct thaw_mark_collector *collector,
                                                  uint32_t process);

/* Is it part of the set-up, that is no invocation and before the first one? */
bool thaw_mark_collector_sets_up(const struct thaw_mark_collector *collector,
                                 const struct thaw_exchange *exchange);

/* The last set-up response within [from_ns, until_ns], NULL none. */
const struct thaw_exchange *
thaw_mark_collector_last_answer(const struct thaw_mark_collector *collector, uint64_t from_ns,
                                uint64_t until_ns);

/* The start of the process, its execs; its host's start, and what that did before its workers. */
bool thaw_process_marks_host(struct thaw_mark_collector *collector);
bool thaw_process_marks_start(struct thaw_mark_collector *collector);

/*
 * The interpreter is up when the program's own code begins, or with the first import after site
 * (under `python -m` the package is imported before its `__main__` begins). ret->time_ns is 0 when
 * neither was seen.
 */
bool thaw_process_marks_interpreter(struct thaw_mark_collector *collector, struct thaw_mark *ret);

/* The same without adding the mark. */
struct thaw_mark thaw_process_marks_find_interpreter(const struct thaw_mark_collector *collector);

/* What a host that was started within the recording did. */
bool thaw_host_marks_collect(struct thaw_mark_collector *collector, uint32_t host);

/* How the process, or what is known of it, ended; NULL when memory is short. */
const char *thaw_process_marks_last_words(const struct thaw_mark_collector *collector);

/* The last instant of a process that gave no reply and was still starting. */
bool thaw_process_marks_end(struct thaw_mark_collector *collector);

/*
 * The end of the program's own imports, where that is no platform's and the code the interpreter
 * was started for is the user's: of the last import made from outside any module before until_ns.
 * ret->time_ns is 0 when there was none.
 */
bool thaw_script_marks_imports(const struct thaw_mark_collector *collector,
                               const struct thaw_mark *interpreter, uint64_t until_ns,
                               struct thaw_mark *ret);

/* Its own LISTEN mark, if it listened at all. */
bool thaw_script_marks_listen(struct thaw_mark_collector *collector);

/* All marks of a worker, of a server, of a script. */
bool thaw_worker_marks_collect(struct thaw_mark_collector *collector);
bool thaw_server_marks_collect(struct thaw_mark_collector *collector);
bool thaw_script_marks_collect(struct thaw_mark_collector *collector);

#endif
