/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CONFIGURATION_MEMBERS_H
#define THAW_CONFIGURATION_MEMBERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_position.h"
#include "configuration/configuration.h"
#include "thaw/error.h"

/* How objects and lists of thaw.json are read: by tables, a row for each key. */

#define THAW_CONFIGURATION_ENTRIES_MAX 1000 /* more than that is no list that somebody keeps */

#define THAW_CONFIGURATION_TEXTS_MAX 64 /* of a list of texts */

struct thaw_member_reading {
    const char *name; /* of the file */
    struct thaw_configuration *configuration;
    struct thaw_json_positions positions;
    struct thaw_error *error;
};

/* A value being read, with what it is called in messages. */
struct thaw_member_value {
    const char *key;
    json_t *json;
    uint32_t at; /* among the positions */
};

struct thaw_member {
    const char *key;
    size_t offset; /* of its place in what the object becomes */
    bool required;

    /* Checks it and puts it into its place. */
    int (*take)(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                void *place);
};

/* What an object becomes. */
struct thaw_member_table {
    const struct thaw_member *members; /* ended by a row without key; read in this order */
    const char *what;                  /* "a budget" */
    size_t size;
    const void *empty; /* what it is before anything is read */

    /* What the members have to do with each other; may be NULL. */
    int (*check)(struct thaw_member_reading *reading, const struct thaw_member_value *object,
                 void *made);
};

int thaw_members_take(struct thaw_member_reading *reading, const struct thaw_member_table *table,
                      const struct thaw_member_value *object, void *ret);

/* A list of such objects; *ret_items is the configuration's. */
int thaw_members_take_list(struct thaw_member_reading *reading,
                           const struct thaw_member_table *table,
                           const struct thaw_member_value *list, void **ret_items,
                           size_t *ret_count);

/* -EINVAL with "NAME:LINE:COLUMN: …", of where the value stands, its key does, or its member's. */
int thaw_members_refuse(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        const char *format, ...) __attribute__((format(printf, 3, 4)));
int thaw_members_refuse_member(struct thaw_member_reading *reading,
                               const struct thaw_member_value *object, const char *key,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* " (did you mean 'modules'?)", or "" where typed is close to no name; next gives them in turn. */
const char *thaw_members_meant(const char *typed, const char *(*next)(size_t index), char *buffer,
                               size_t size);

/* --- what members may be ---------------------------------------------------------------------- */

/* Into const char *: any text; one that is not blank; a day, "2027-01-31". */
int thaw_members_take_text(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place);
int thaw_members_take_words(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, void *place);
int thaw_members_take_day(struct thaw_member_reading *reading,
                          const struct thaw_member_value *value, void *place);

/* Into bool. */
int thaw_members_take_flag(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place);
/* Into bool, whether it is "warning", which is the second of both words that are allowed. */
int thaw_members_take_level(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, void *place);

/* The number of its text among words, which NULL ends. */
int thaw_members_word(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      const char *const *words, unsigned *ret);

/* A list of THAW_CONFIGURATION_TEXTS_MAX values at most; each of them into places + step * index.
 */
int thaw_members_check_list(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value);
int thaw_members_take_each(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value,
                           int (*take)(struct thaw_member_reading *reading,
                                       const struct thaw_member_value *value, void *place),
                           void *places, size_t step);
/* Such a list of texts that are not blank, into const char *const *, ended by NULL. */
int thaw_members_take_list_of_words(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place);

/* Its text, not blank, to look at. */
int thaw_members_words(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       const char **ret);

/* --- sections of thaw.json, into struct thaw_configuration -------------------------------------
 */

int thaw_configuration_take_suppress(struct thaw_member_reading *reading,
                                     const struct thaw_member_value *value, void *place);
int thaw_configuration_take_gate(struct thaw_member_reading *reading,
                                 const struct thaw_member_value *value, void *place);
int thaw_configuration_take_audit(struct thaw_member_reading *reading,
                                  const struct thaw_member_value *value, void *place);
int thaw_configuration_take_lint(struct thaw_member_reading *reading,
                                 const struct thaw_member_value *value, void *place);
int thaw_configuration_take_budgets(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place);
int thaw_configuration_take_forbidden(struct thaw_member_reading *reading,
                                      const struct thaw_member_value *value, void *place);
int thaw_configuration_take_allowed(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place);

#endif
