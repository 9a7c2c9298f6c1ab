/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_LIBYAML_H
#define THAW_PROJECT_LIBYAML_H

#include <yaml.h>

/* The functions of libyaml, which only templates in YAML need (base/late_library.h). */
#define THAW_LIBYAML_FUNCTIONS(EACH)                                                               \
    EACH(yaml_event_delete)                                                                        \
    EACH(yaml_parser_delete)                                                                       \
    EACH(yaml_parser_initialize)                                                                   \
    EACH(yaml_parser_parse)                                                                        \
    EACH(yaml_parser_set_input_string)

struct thaw_libyaml {
#define MEMBER(name) __typeof__(name) *name;
    THAW_LIBYAML_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_libyaml_load() gave 0. */
extern struct thaw_libyaml thaw_libyaml;

int thaw_libyaml_load(void); /* 0; -ENOSYS: libyaml is not installed */
const char *thaw_libyaml_soname(void);

#endif
