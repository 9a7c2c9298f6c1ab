/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for parts that are being written: what is weak here goes when its own file is there. */
#include "audit/naming.h"
#include "audit/arrivals.h"
#include "audit/tally.h"
#include <stdlib.h>
__attribute__((weak)) const struct thaw_tally_limits thaw_tally_usual_limits = {200, 20};
__attribute__((weak)) int thaw_naming_open(const struct thaw_naming_settings *s,
                                           struct thaw_naming **r, struct thaw_error *e)
{
    (void)s;
    (void)e;
    *r = calloc(1, 8);
    return 0;
}
__attribute__((weak)) int thaw_naming_change(struct thaw_naming *n,
                                             const struct thaw_naming_settings *s,
                                             struct thaw_error *e)
{
    (void)n;
    (void)s;
    (void)e;
    return 0;
}
__attribute__((weak)) void thaw_naming_take(struct thaw_naming *n, const struct thaw_event *ev)
{
    (void)n;
    (void)ev;
}
__attribute__((weak)) int thaw_naming_complete(struct thaw_naming *n, struct thaw_start *s,
                                               struct thaw_arena *a, struct thaw_error *e)
{
    (void)n;
    (void)s;
    (void)a;
    (void)e;
    s->identity.app = "app";
    return 0;
}
__attribute__((weak)) const char *thaw_naming_app(const struct thaw_naming *n, uint32_t p)
{
    (void)n;
    (void)p;
    return "app";
}
__attribute__((weak)) void thaw_naming_free(struct thaw_naming *n)
{
    free(n);
}
__attribute__((weak)) int thaw_arrivals_open(struct thaw_arrivals_book **r, struct thaw_error *e)
{
    (void)e;
    *r = calloc(1, 8);
    return 0;
}
__attribute__((weak)) int thaw_arrivals_message(struct thaw_arrivals_book *b, const char *a,
                                                const struct thaw_event *ev, int64_t u,
                                                struct thaw_error *e)
{
    (void)b;
    (void)a;
    (void)ev;
    (void)u;
    (void)e;
    return 0;
}
__attribute__((weak)) int thaw_arrivals_looked(struct thaw_arrivals_book *b, const char *a,
                                               const struct thaw_arrivals_look *l, int64_t u,
                                               struct thaw_error *e)
{
    (void)b;
    (void)a;
    (void)l;
    (void)u;
    (void)e;
    return 0;
}
__attribute__((weak)) int thaw_arrivals_cold(struct thaw_arrivals_book *b,
                                             const struct thaw_start *s, struct thaw_error *e)
{
    (void)b;
    (void)s;
    (void)e;
    return 0;
}
__attribute__((weak)) void thaw_arrivals_left(struct thaw_arrivals_book *b, uint32_t p)
{
    (void)b;
    (void)p;
}
__attribute__((weak)) void thaw_arrivals_lost(struct thaw_arrivals_book *b, const char *a)
{
    (void)b;
    (void)a;
}
__attribute__((weak)) int thaw_arrivals_flush(struct thaw_arrivals_book *b, int64_t u,
                                              int (*t)(void *c, const struct thaw_arrivals *a,
                                                       struct thaw_error *e),
                                              void *c, struct thaw_error *e)
{
    (void)b;
    (void)u;
    (void)t;
    (void)c;
    (void)e;
    return 0;
}
__attribute__((weak)) void thaw_arrivals_free(struct thaw_arrivals_book *b)
{
    free(b);
}
__attribute__((weak)) int thaw_tally_open(const struct thaw_tally_limits *l, int64_t b,
                                          struct thaw_tally **r, struct thaw_error *e)
{
    (void)l;
    (void)b;
    (void)e;
    *r = calloc(1, 8);
    return 0;
}
__attribute__((weak)) int thaw_tally_start(struct thaw_tally *t, const struct thaw_start *s,
                                           struct thaw_error *e)
{
    (void)t;
    (void)s;
    (void)e;
    return 0;
}
__attribute__((weak)) int thaw_tally_arrivals(struct thaw_tally *t, const struct thaw_arrivals *a,
                                              struct thaw_error *e)
{
    (void)t;
    (void)a;
    (void)e;
    return 0;
}
__attribute__((weak)) int thaw_tally_families(const struct thaw_tally *t, struct thaw_families *f,
                                              struct thaw_error *e)
{
    (void)t;
    (void)f;
    (void)e;
    return 0;
}
__attribute__((weak)) void thaw_tally_free(struct thaw_tally *t)
{
    free(t);
}
