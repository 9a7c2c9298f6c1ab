/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_CURL_H
#define THAW_EXPORT_CURL_H

/* Its macros around variadic functions check the arguments of direct calls alone. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* The functions of libcurl, which only a daemon that delivers needs (base/late_library.h). */
#define THAW_CURL_FUNCTIONS(EACH)                                                                  \
    EACH(curl_easy_cleanup)                                                                        \
    EACH(curl_easy_getinfo)                                                                        \
    EACH(curl_easy_init)                                                                           \
    EACH(curl_easy_setopt)                                                                         \
    EACH(curl_easy_strerror)                                                                       \
    EACH(curl_free)                                                                                \
    EACH(curl_global_cleanup)                                                                      \
    EACH(curl_global_init)                                                                         \
    EACH(curl_multi_add_handle)                                                                    \
    EACH(curl_multi_cleanup)                                                                       \
    EACH(curl_multi_info_read)                                                                     \
    EACH(curl_multi_init)                                                                          \
    EACH(curl_multi_perform)                                                                       \
    EACH(curl_multi_poll)                                                                          \
    EACH(curl_multi_remove_handle)                                                                 \
    EACH(curl_slist_append)                                                                        \
    EACH(curl_slist_free_all)                                                                      \
    EACH(curl_url)                                                                                 \
    EACH(curl_url_cleanup)                                                                         \
    EACH(curl_url_get)                                                                             \
    EACH(curl_url_set)

struct thaw_curl {
#define MEMBER(name) __typeof__(name) *name;
    THAW_CURL_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_curl_load() gave 0: an open posting is proof of that. */
extern struct thaw_curl thaw_curl;

int thaw_curl_load(void); /* 0; -ENOSYS: libcurl is not installed */
const char *thaw_curl_soname(void);

#endif
