/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_LIBZIP_H
#define THAW_SHIPPED_LIBZIP_H

#include <zip.h>

/* The functions of libzip, which only some targets need (base/late_library.h). */
#define THAW_LIBZIP_FUNCTIONS(EACH)                                                                \
    EACH(zip_discard)                                                                              \
    EACH(zip_error_code_zip)                                                                       \
    EACH(zip_fclose)                                                                               \
    EACH(zip_fdopen)                                                                               \
    EACH(zip_file_get_external_attributes)                                                         \
    EACH(zip_fopen_index)                                                                          \
    EACH(zip_fread)                                                                                \
    EACH(zip_get_error)                                                                            \
    EACH(zip_get_name)                                                                             \
    EACH(zip_get_num_entries)                                                                      \
    EACH(zip_stat)                                                                                 \
    EACH(zip_stat_index)                                                                           \
    EACH(zip_stat_init)

struct thaw_libzip {
#define MEMBER(name) __typeof__(name) *name;
    THAW_LIBZIP_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_libzip_load() gave 0: an open archive is proof of that. */
extern struct thaw_libzip thaw_libzip;

int thaw_libzip_load(void); /* 0; -ENOSYS: libzip is not installed */
const char *thaw_libzip_soname(void);

#endif
