/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_MICROHTTPD_H
#define THAW_EXPORT_MICROHTTPD_H

#include <microhttpd.h>

/* The functions of libmicrohttpd, which only a daemon that listens needs (base/late_library.h). */
#define THAW_MICROHTTPD_FUNCTIONS(EACH)                                                            \
    EACH(MHD_add_response_header)                                                                  \
    EACH(MHD_create_response_from_buffer)                                                          \
    EACH(MHD_destroy_response)                                                                     \
    EACH(MHD_get_connection_info)                                                                  \
    EACH(MHD_get_daemon_info)                                                                      \
    EACH(MHD_get_timeout)                                                                          \
    EACH(MHD_lookup_connection_value)                                                              \
    EACH(MHD_queue_response)                                                                       \
    EACH(MHD_run)                                                                                  \
    EACH(MHD_start_daemon)                                                                         \
    EACH(MHD_stop_daemon)

struct thaw_microhttpd {
#define MEMBER(name) __typeof__(name) *name;
    THAW_MICROHTTPD_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_microhttpd_load() gave 0: an open endpoint is proof of that. */
extern struct thaw_microhttpd thaw_microhttpd;

int thaw_microhttpd_load(void); /* 0; -ENOSYS: libmicrohttpd is not installed */
const char *thaw_microhttpd_soname(void);

#endif
