/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "export/endpoint.h"

/*
 * serve_metrics ADDRESS: an endpoint with a page of every type, as the daemon would serve it; says
 * where it listens, and ends when standard input does. A line there is what /healthz says from then
 * on ("" it is well). Says what the longest serve took, in ms of CPU and of all, at the end.
 */
struct served {
    uint64_t scrapes;
    char unwell[200];
};

static const struct thaw_family_row scrapes_row = {"thaw_scrapes", THAW_FAMILY_COUNTER, "",
                                                   "Pages that were made."};
static const struct thaw_family_row name_row = {"thaw_name", THAW_FAMILY_GAUGE, "",
                                                "Names that are hard to write."};
static const struct thaw_family_row start_row = {"thaw_cold_start_seconds", THAW_FAMILY_HISTOGRAM,
                                                 "seconds", "How long starts took."};
static const struct thaw_family_row build_row = {"thaw_build", THAW_FAMILY_INFO, "",
                                                 "What thaw this is."};

static int add(struct thaw_families *ret, const struct thaw_family_row *row, const char *name,
               const char *value, double number, const struct thaw_histogram *histogram)
{
    const struct thaw_label label = {name, value};
    struct thaw_family *family = thaw_families_add(ret, row);
    struct thaw_point *point = family ? thaw_family_add(ret, family, &label, 1, number) : NULL;

    if (!point)
        return -1;
    point->histogram = histogram;
    return 0;
}

static int families(void *context, struct thaw_families *ret, struct thaw_error *error)
{
    static const double bounds[] = {0.25, 0.5, 1, 2, 4};
    static const uint64_t counts[] = {0, 3, 5, 2, 0, 1};
    static const struct thaw_exemplar exemplars[6] = {
        [2] = {"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 0.75, 0}};
    static const struct thaw_histogram histogram = {bounds, 5, counts, exemplars, 12.5, 11};
    static const char *const names[] = {
        "orders",   "two\nlines", "quote\" and \\", "\xFF\xFE", "\xE6\xBC\xA2\xE5\xAD\x97",
        "\x1b[31m", "",           "a\\nb"};
    struct served *served = context;
    int code;

    (void)error;
    code = add(ret, &scrapes_row, "app", "orders", (double)++served->scrapes, NULL) ||
           add(ret, &build_row, "version", "1.0", 1, NULL) ||
           add(ret, &start_row, "app", "orders", 0, &histogram);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !code; i++)
        code = add(ret, &name_row, "name", names[i], (double)i, NULL);
    return code;
}

static const char *unwell(void *context)
{
    struct served *served = context;

    return *served->unwell ? served->unwell : NULL;
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct served served = {0};
    const struct thaw_endpoint_calls calls = {&served, families, unwell};
    struct thaw_endpoint *endpoint = NULL;
    struct thaw_error error = {0};
    double longest = 0;

    if (argc != 2)
        return 2;
    setvbuf(stdin, NULL, _IONBF, 0); /* poll() knows no line that was read in advance */
    if (thaw_endpoint_open(argv[1], &calls, &endpoint, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("%s\n", thaw_endpoint_address(endpoint));
    fflush(stdout);
    for (;;) {
        struct pollfd waits[] = {{0, POLLIN, 0}, {thaw_endpoint_descriptor(endpoint), POLLIN, 0}};
        double begin;

        poll(waits, 2, -1);
        if (waits[0].revents && !fgets(served.unwell, sizeof(served.unwell), stdin))
            break;
        served.unwell[strcspn(served.unwell, "\n")] = '\0';
        begin = seconds(CLOCK_THREAD_CPUTIME_ID);
        thaw_endpoint_serve(endpoint);
        begin = seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
        longest = begin > longest ? begin : longest;
    }
    printf("%llu requests, %.3f s\n", (unsigned long long)thaw_endpoint_requests(endpoint),
           longest);
    thaw_endpoint_close(endpoint);
    return 0;
}
