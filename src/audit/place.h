/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_PLACE_H
#define THAW_AUDIT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/naming.h"
#include "base/array.h"
#include "platform/control_group_identity.h"

#define THAW_PLACE_TEXT_BYTES 512
#define THAW_HOST_NAME_BYTES 254 /* the longest of the DNS, and a NUL */

/* A file of the app, and what it was. */
struct thaw_place_file {
    uint64_t path; /* hash */
    uint64_t state;
};

/* Where a process runs, as it showed it once; shared by the children that it forks. */
struct thaw_place {
    size_t users;
    struct thaw_control_group_identity group;
    char *control_group;
    char *directory;
    char *program;
    char *app;                            /* its name, as it is shown */
    char host_name[THAW_HOST_NAME_BYTES]; /* "" the machine's own, or unknown */
    bool is_folder;                       /* app is (a part of) a path */
    bool unsure;                          /* a file of the app could not be looked at */
    bool own_root;                        /* it sees the files that thaw sees */
    THAW_ARRAY(struct thaw_place_file) files;
};

/* Looks at the process; NULL: memory is short. What can't be read is "". node: the machine's own
 * host name; NULL: the process has the machine's root folder, and so no name of its own. */
struct thaw_place *thaw_place_look(uint32_t process, const char *program, const char *node);

/* Its control group, where that could not be read of the process. */
void thaw_place_join(struct thaw_place *place, const char *control_group);

/* Its folder is another one, as messages say; memory that is short leaves the old one. */
void thaw_place_move(struct thaw_place *place, const char *directory);

/* The app's name by rules and by what the place shows, in bytes (not yet made fit to be shown);
 * false: it is a part of a path. */
bool thaw_place_name(const struct thaw_place *place, const struct thaw_naming_rule *rules,
                     size_t rule_count, char *ret, size_t size);

/* Code of that file was executed. */
void thaw_place_executed(struct thaw_place *place, uint32_t process, const char *file);

/* 16 hexadecimal digits of the deployment, "" unknown. */
#define THAW_DEPLOYMENT_BYTES 17
void thaw_place_deployment(const struct thaw_place *place, char ret[THAW_DEPLOYMENT_BYTES]);

struct thaw_place *thaw_place_share(struct thaw_place *place);
void thaw_place_release(struct thaw_place *place); /* NULL is fine */

/* The part of a host name that is the app's: "orders" of "orders-7d9f8b6c5d-x2x1z"; 0: it is made
 * up as a whole. */
size_t thaw_place_host_name_length(const char *host_name);

#endif
