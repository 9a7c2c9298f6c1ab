/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_SETTING_READING_H
#define THAW_PROJECT_SETTING_READING_H

#include "project/document.h"

/* What the forms of settings in JSON have in common. */

#define THAW_PROJECT_SETTINGS_MAX 5000 /* of a file; App Service takes far fewer */

struct thaw_setting_reading {
    struct thaw_project *project;
    const struct thaw_project_document *document;
    enum thaw_setting_origin origin;
    const char *resource; /* "" none */
    bool is_encrypted;    /* values tell nothing */
    size_t taken;         /* settings */
    bool is_cut;
};

/*
 * Going through an object in its order, with places:
 *
 *     struct thaw_members members = thaw_members_of(document, object, at);
 *     while (thaw_members_next(&members)) … members.key, members.value, members.at …
 */
struct thaw_members {
    const struct thaw_project_document *document;
    json_t *object;
    void *iterator;
    uint32_t next;
    const char *key;
    json_t *value;
    uint32_t at;
};

/* object NULL or no object: it has none. */
struct thaw_members thaw_members_of(const struct thaw_project_document *document,
                                    const json_t *object, uint32_t at);
bool thaw_members_next(struct thaw_members *members);

/* The member of a key (without regard to case where none is written so) and its place. */
const json_t *thaw_member_of(const struct thaw_project_document *document, const json_t *object,
                             uint32_t at, const char *key, uint32_t *ret_at);

/*
 * Adds a setting; at is the value that has its place. A number or boolean is a text as it is
 * written; null says nothing of the value; a list or an object is a problem. 0 or -ENOMEM.
 */
int thaw_setting_take(struct thaw_setting_reading *reading, const char *name, const json_t *value,
                      uint32_t at);

/* All members of an object as names and values. */
int thaw_setting_take_members(struct thaw_setting_reading *reading, const json_t *object,
                              uint32_t at);

/* A list of {"name": …, "value": …}. */
int thaw_setting_take_list(struct thaw_setting_reading *reading, const json_t *list, uint32_t at);

/* Facts that exports state (exported_facts.c): of `az functionapp show` or the same of ARM's REST
 * API; of `aws lambda get-function-configuration`. */
int thaw_exported_site(struct thaw_setting_reading *reading, const json_t *site, uint32_t at);
int thaw_exported_lambda(struct thaw_setting_reading *reading, const json_t *function, uint32_t at);

#endif
