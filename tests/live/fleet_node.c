/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/self.h"
#include "audit/tally.h"
#include "base/clock.h"
#include "export/endpoint.h"
#include "export/openmetrics.h"

/*
 * fleet_node APPS MODULES ADDRESS…: nodes of a fleet, one at each address, whose pages are made of
 * the daemon's own tables (audit/tally.h, audit/self.h). Each begins with 30 starts of APPS apps
 * ("app-00"…), of MODULES modules each. Says where it listens, a line each, and obeys lines of
 * standard input, which mean the first node:
 *
 *     start APP MILLISECONDS TRACE   a start, whose import phase took half of it
 *     requests APP COUNT COLD        in ten seconds
 *     lose COUNT                     events, in all
 *     page                           makes a page 200 times; says "BYTES SAMPLES NANOSECONDS"
 *
 * Ends with its input.
 */
enum { MOST_NODES = 256, STARTS = 30, PAGES = 200 };

static const uint64_t millisecond = 1000000;

struct node {
    struct thaw_tally *tally;
    struct thaw_endpoint *endpoint;
    struct thaw_observation_loss losses[2];
    struct thaw_self self;
};

static void die(const char *what, const struct thaw_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->message);
    exit(1);
}

/* --- what is known of a start --- */

static void add_start(struct node *node, const char *app, uint64_t ms, const char *trace,
                      size_t modules)
{
    static const struct {
        const char *name;
        unsigned percent;
    } parts[] = {{"host", 10},   {"worker", 15}, {"specialize", 5},
                 {"import", 50}, {"ready", 8},   {"first-invocation", 10}};
    enum { PARTS = sizeof(parts) / sizeof(parts[0]) };
    struct thaw_start_phase phases[PARTS];
    struct thaw_start_import imports[64];
    char names[64][24];
    uint64_t total_ns = ms * millisecond, begin_ns = 0;
    struct thaw_error error = {0};
    struct thaw_start start = {
        .identity = {.app = app,
                     .function = "",
                     .platform = "azure_functions",
                     .worker = "",
                     .python = "3.11.2",
                     .program = "",
                     .control_group = "",
                     .container = "",
                     .pod = "",
                     .unit = "",
                     .host_name = "",
                     .deployment = "d1"},
        .begin_unix_ns = (int64_t)(thaw_clock_realtime_ns() - total_ns),
        .end_unix_ns = (int64_t)thaw_clock_realtime_ns(),
        .total_ns = total_ns,
        .answered = true,
        .complete = true,
        .incomplete = "",
        .ended = "",
        .phases = phases,
        .phase_count = PARTS,
        .imports = imports,
        .import_count = modules < 64 ? modules : 64,
        .modules = 300,
        .modules_failed = 3,
        .imports_ns = total_ns / 2,
    };

    for (size_t i = 0; i < PARTS; begin_ns += phases[i++].ns)
        phases[i] = (struct thaw_start_phase){parts[i].name, begin_ns,
                                              total_ns * parts[i].percent / 100, true};
    for (size_t i = 0; i < start.import_count; i++) {
        snprintf(names[i], sizeof(names[i]), "package_%02zu.module", i);
        imports[i] = (struct thaw_start_import){.name = names[i],
                                                .total_ns = total_ns / 4 / (i + 1),
                                                .self_ns = total_ns / 8 / (i + 1)};
    }
    start.unattributed_ns = total_ns - begin_ns;
    if (*trace) {
        snprintf(start.trace, sizeof(start.trace), "%s", trace);
        strcpy(start.span, "b7ad6b7169203331");
    }
    if (thaw_tally_start(node->tally, &start, &error))
        die("a start", &error);
}

static void add_requests(struct node *node, const char *app, uint64_t requests, uint64_t cold)
{
    struct thaw_error error = {0};
    int64_t now_ns = (int64_t)thaw_clock_realtime_ns();
    const struct thaw_arrivals arrivals = {
        .app = app,
        .from_unix_ns = now_ns - now_ns % (int64_t)THAW_ARRIVALS_NS - (int64_t)THAW_ARRIVALS_NS,
        .requests = requests,
        .cold = cold,
        .busy_ns = requests * 20 * millisecond,
        .most_at_once = 2,
        .most_all = 4,
        .processes = 2,
        .measured = true,
    };

    if (thaw_tally_arrivals(node->tally, &arrivals, &error))
        die("arrivals", &error);
}

/* --- a node --- */

static int families(void *context, struct thaw_families *ret, struct thaw_error *error)
{
    struct node *node = context;
    int code = thaw_tally_families(node->tally, ret, error);

    thaw_self_look(&node->self);
    return code ? code : thaw_self_families(&node->self, ret, error);
}

static void open_node(struct node *node, const char *address, unsigned apps, size_t modules)
{
    static const struct thaw_observation_probe missing = {"socket.receive", "sock:sock_recv_length",
                                                          "no such tracepoint", "requests"};
    const struct thaw_endpoint_calls calls = {node, families, NULL};
    struct thaw_error error = {0};

    node->losses[0] = (struct thaw_observation_loss){"ring-buffer-full", "", 0, true};
    node->losses[1] = (struct thaw_observation_loss){"process-not-readable", "", 1, false};
    node->self = (struct thaw_self){.losses = node->losses,
                                    .loss_count = 2,
                                    .missing = &missing,
                                    .missing_count = 1,
                                    .interpreters = 2,
                                    .requests_counted = true,
                                    .version = "0"};
    if (thaw_tally_open(&thaw_tally_usual_limits, (int64_t)thaw_clock_realtime_ns(), &node->tally,
                        &error) ||
        thaw_endpoint_open(address, &calls, &node->endpoint, &error))
        die(address, &error);
    for (unsigned app = 0; app < apps; app++) {
        char name[32];

        snprintf(name, sizeof(name), "app-%02u", app);
        for (unsigned i = 0; i < STARTS; i++)
            add_start(node, name, 200 + 97 * (i * 7 % STARTS) + 31 * app, "", modules);
        add_requests(node, name, 1000 + app, STARTS);
    }
    printf("%s\n", thaw_endpoint_address(node->endpoint));
}

static void measure_page(struct node *node)
{
    char *text = NULL;
    size_t length = 0, samples = 0;
    uint64_t begin_ns = thaw_clock_own_cpu_ns();

    for (int i = 0; i < PAGES; i++) {
        struct thaw_families page = {0};
        FILE *stream;

        free(text);
        text = NULL;
        stream = open_memstream(&text, &length);
        if (!stream || families(node, &page, NULL) || thaw_openmetrics_write(&page, true, stream))
            exit(1);
        fclose(stream);
        thaw_families_free(&page);
    }
    begin_ns = thaw_clock_own_cpu_ns() - begin_ns;
    for (const char *at = text; at && *at; at = strchr(at, '\n') + 1)
        samples += *at != '#';
    printf("%zu %zu %" PRIu64 "\n", length, samples, begin_ns / PAGES);
    free(text);
}

static void obey(struct node *node, const char *line)
{
    char app[64], trace[33] = "";
    uint64_t first, second = 0;

    if (sscanf(line, "start %63s %" SCNu64 " %32s", app, &first, trace) >= 2)
        add_start(node, app, first, trace, 5);
    else if (sscanf(line, "requests %63s %" SCNu64 " %" SCNu64, app, &first, &second) == 3)
        add_requests(node, app, first, second);
    else if (sscanf(line, "lose %" SCNu64, &first) == 1)
        node->losses[0].count = first;
    else if (!strncmp(line, "page", 4))
        measure_page(node);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct node nodes[MOST_NODES];
    static struct pollfd waits[MOST_NODES + 1];
    int count = argc - 3;
    char line[200];

    if (count < 1 || count > MOST_NODES)
        return 2;
    setvbuf(stdin, NULL, _IONBF, 0); /* poll() knows no line that was read in advance */
    waits[count] = (struct pollfd){0, POLLIN, 0};
    for (int i = 0; i < count; i++) {
        open_node(&nodes[i], argv[i + 3], (unsigned)atoi(argv[1]), (size_t)atoi(argv[2]));
        waits[i] = (struct pollfd){thaw_endpoint_descriptor(nodes[i].endpoint), POLLIN, 0};
    }
    fflush(stdout);
    for (;;) {
        poll(waits, (nfds_t)count + 1, -1);
        for (int i = 0; i < count; i++) {
            if (waits[i].revents)
                thaw_endpoint_serve(nodes[i].endpoint);
        }
        if (waits[count].revents && !fgets(line, sizeof(line), stdin))
            break;
        if (waits[count].revents)
            obey(&nodes[0], line);
    }
    for (int i = 0; i < count; i++) {
        thaw_endpoint_close(nodes[i].endpoint);
        thaw_tally_free(nodes[i].tally);
    }
    return 0;
}
