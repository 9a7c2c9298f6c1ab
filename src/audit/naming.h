/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_NAMING_H
#define THAW_AUDIT_NAMING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "thaw/error.h"
#include "thaw/recording_events.h"
#include "thaw/start.h"

/*
 * Whose start it is. What a process shows is read once, when it turns out to run Python or to have
 * a role, as it may be gone when its start is over: control group (container, pod, unit), host
 * name, working directory. Children that execute nothing share it. An app's name is, in this order:
 * what a rule of the configuration says; the host name of its container without the parts that
 * Kubernetes makes up ("orders-7d9f8b6c5d-x2x1z" is "orders"); the unit; the last two parts of its
 * folder (the app's where messages name it, else the working directory); the program.
 *
 * A deployment is known by the app's own files that were executed before the first request (paths,
 * sizes, times of change), and by the folder of packages that it used: equal as long as these are.
 */
struct thaw_naming_rule {
    const char *app;
    const char *control_group, *host_name, *unit, *directory; /* patterns (fnmatch), NULL any */
};

enum thaw_redaction {
    THAW_REDACT_PATHS = 1,   /* program, control group, folders, and apps that are named by one */
    THAW_REDACT_NAMES = 2,   /* apps, functions, units, host names, pods */
    THAW_REDACT_MODULES = 4, /* names of imports that are not Python's own */
};

struct thaw_naming_settings {
    const struct thaw_naming_rule *rules;
    size_t rule_count;
    unsigned redact;          /* THAW_REDACT_… */
    const unsigned char *key; /* of the hashes (redaction.h) */
    size_t key_bytes;
};

struct thaw_naming;
struct thaw_redaction_key;

/* Settings must stay until they are changed. -ENOSYS: redaction needs a library that is missing;
 * -EINVAL: or a key. */
int thaw_naming_open(const struct thaw_naming_settings *settings, struct thaw_naming **ret,
                     struct thaw_error *error);

/* Other rules from now on (SIGHUP). The same errors, and the old ones stay. */
int thaw_naming_change(struct thaw_naming *naming, const struct thaw_naming_settings *settings,
                       struct thaw_error *error);

/* Events of processes, before they go to starts.h: looks at those that are new. Those that have
 * ended are known for a while, for the sake of starts that end with them. */
void thaw_naming_take(struct thaw_naming *naming, const struct thaw_event *event);

/* Nothing more is told of that process, not even its end. */
void thaw_naming_forget(struct thaw_naming *naming, uint32_t process);

/*
 * Completes the identity of a start, redacts all of it that is to be, and makes every text valid
 * UTF-8 of a bounded length. Texts are put into arena. -ENOMEM.
 */
int thaw_naming_complete(struct thaw_naming *naming, struct thaw_start *start,
                         struct thaw_arena *arena, struct thaw_error *error);

/* The app's name of a process, as starts have it; NULL: it is none that is known, or a platform's
 * host, which is no app. Good until the next call of another function. */
const char *thaw_naming_app(const struct thaw_naming *naming, uint32_t process);

/* By which paths outside of starts are redacted, NULL they are shown. Good until a change. */
const struct thaw_redaction_key *thaw_naming_paths(const struct thaw_naming *naming);

/* Processes that are known now. */
size_t thaw_naming_count(const struct thaw_naming *naming);

void thaw_naming_free(struct thaw_naming *naming); /* NULL is fine */

#endif
