/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/curl.h"
#include "export/otlp_answer.h"
#include "export/posting.h"
#include "thaw/version.h"

#define ANSWER_BYTES_MAX (64 << 10) /* of its head, and of its body */
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull
#define CONNECT_MS_MAX 5000
#define RETRY_AFTER_S_MAX 900 /* who wants a longer pause is asked again after this one */

struct thaw_posting {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    char *urls[THAW_SIGNALS];
    bool started; /* curl_global_init() */
    bool busy;
    size_t head_bytes; /* of the answer so far */
    bool head_ended;   /* there is a status that counts */
    size_t body_bytes;
    bool cut; /* there was no room for all of its body */
    char body[ANSWER_BYTES_MAX];
};

/* --- what comes --- */

/* A line of it; the last one is empty. */
static size_t take_head(const char *bytes, size_t size, size_t count, void *context)
{
    struct thaw_posting *posting = context;
    size_t length = size * count;

    posting->head_ended |= length <= 2 && bytes[length - 1] == '\n';
    posting->head_bytes += length;
    return posting->head_bytes <= ANSWER_BYTES_MAX ? length : 0;
}

/* Ends the request when there is no room for more: its status is known by then. */
static size_t take_body(const char *bytes, size_t size, size_t count, void *context)
{
    struct thaw_posting *posting = context;
    size_t length = size * count;

    posting->cut = length > sizeof(posting->body) - posting->body_bytes;
    if (posting->cut)
        return 0;
    memcpy(posting->body + posting->body_bytes, bytes, length);
    posting->body_bytes += length;
    return length;
}

/* --- opening --- */

/* The address with "/v1/…" behind its path; in *ret, NULL where memory is short. False: it is none
 * of http or https. */
static bool url_of(const char *base, const char *signal, char **ret)
{
    CURLU *parts = thaw_curl.curl_url();
    char *scheme = NULL, *path = NULL, *longer = NULL, *url = NULL;
    CURLUcode code = parts ? thaw_curl.curl_url_set(parts, CURLUPART_URL, base, 0) : CURLUE_OK;
    bool fine = code == CURLUE_OK || code == CURLUE_OUT_OF_MEMORY;

    if (parts && code == CURLUE_OK &&
        thaw_curl.curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        thaw_curl.curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
        size_t length = strlen(path);

        fine = !strcmp(scheme, "http") || !strcmp(scheme, "https");
        while (length && path[length - 1] == '/')
            length--;
        if (asprintf(&longer, "%.*s/v1/%s", (int)length, path, signal) < 0)
            longer = NULL;
        if (longer && thaw_curl.curl_url_set(parts, CURLUPART_PATH, longer, 0) == CURLUE_OK &&
            thaw_curl.curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK)
            *ret = strdup(url);
    }
    free(longer);
    thaw_curl.curl_free(scheme);
    thaw_curl.curl_free(path);
    thaw_curl.curl_free(url);
    thaw_curl.curl_url_cleanup(parts);
    return fine;
}

static int make_urls(struct thaw_posting *posting, const char *base, struct thaw_error *error)
{
    static const char *const signals[THAW_SIGNALS] = {
        [THAW_SIGNAL_TRACES] = "traces",
        [THAW_SIGNAL_METRICS] = "metrics",
    };

    for (size_t i = 0; i < THAW_SIGNALS; i++) {
        if (!url_of(base, signals[i], &posting->urls[i]))
            return thaw_error_set(error, -EINVAL,
                                  "the Collector's address is none of http:// or https://");
        if (!posting->urls[i])
            return thaw_error_memory(error);
    }
    return 0;
}

static int add_header(struct thaw_posting *posting, const char *line, struct thaw_error *error)
{
    struct curl_slist *longer = thaw_curl.curl_slist_append(posting->headers, line);

    if (!longer)
        return thaw_error_memory(error);
    posting->headers = longer;
    return 0;
}

/* A line for the head of a request: a name of RFC 9110's letters, and a value on the same line. */
static bool is_header(const char *line)
{
    size_t name = strspn(line, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return name && line[name] == ':' && line[name + 1] && !strpbrk(line, "\r\n");
}

/* "Expect" would cost a round trip, and some take offence at it. */
static int make_headers(struct thaw_posting *posting, const char *const *more,
                        struct thaw_error *error)
{
    int code = add_header(posting, "Content-Type: application/json", error);

    if (!code)
        code = add_header(posting, "Expect:", error);
    for (size_t i = 0; !code && more && more[i]; i++) {
        if (!is_header(more[i]))
            code = thaw_error_set(error, -EINVAL,
                                  "header %zu for the Collector is not \"name: value\" on one line",
                                  i + 1);
        else
            code = add_header(posting, more[i], error);
    }
    return code;
}

static long milliseconds(uint64_t ns)
{
    uint64_t ms = ns / NS_PER_MS;

    return ms == 0 ? 1 : ms < INT32_MAX ? (long)ms : INT32_MAX;
}

/* True: all of them were taken. */
static bool set_options(struct thaw_posting *posting, const struct thaw_posting_settings *settings)
{
    CURL *easy = posting->easy;
    long all_ms = milliseconds(settings->timeout_ns);
    CURLcode failed = CURLE_OK;

#define SET(option, value) failed |= thaw_curl.curl_easy_setopt(easy, option, value)
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, "thaw/" THAW_VERSION);
    SET(CURLOPT_HTTPHEADER, posting->headers);
    SET(CURLOPT_TIMEOUT_MS, all_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, all_ms < CONNECT_MS_MAX ? all_ms : CONNECT_MS_MAX);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, (void *)posting);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)posting);
    if (settings->certificates)
        SET(CURLOPT_CAINFO, settings->certificates);
#undef SET
    /* Later than the oldest libcurl that will do; the address is known to be http or https. The
     * other one lets a request that still waits for a name be given up at once. */
    thaw_curl.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    thaw_curl.curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    return failed == CURLE_OK;
}

static int open_handles(struct thaw_posting *posting, const struct thaw_posting_settings *settings,
                        struct thaw_error *error)
{
    int code;

    if (thaw_curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return thaw_error_set(error, -ENOSYS, "libcurl does not start");
    posting->started = true;
    code = make_urls(posting, settings->url, error);
    if (!code)
        code = make_headers(posting, settings->headers, error);
    if (code)
        return code;
    posting->multi = thaw_curl.curl_multi_init();
    posting->easy = thaw_curl.curl_easy_init();
    if (!posting->multi || !posting->easy || !set_options(posting, settings))
        return thaw_error_memory(error);
    return 0;
}

int thaw_posting_open(const struct thaw_posting_settings *settings, struct thaw_posting **ret,
                      struct thaw_error *error)
{
    struct thaw_posting *posting;
    int code;

    if (thaw_curl_load() != 0)
        return thaw_error_set(error, -ENOSYS,
                              "sending to a Collector needs libcurl, and %s is not installed "
                              "(Debian: libcurl4)",
                              thaw_curl_soname());
    posting = calloc(1, sizeof(*posting));
    if (!posting)
        return thaw_error_memory(error);
    code = open_handles(posting, settings, error);
    if (code) {
        thaw_posting_close(posting);
        return code;
    }
    *ret = posting;
    return 0;
}

void thaw_posting_close(struct thaw_posting *posting)
{
    if (!posting)
        return;
    if (posting->busy)
        thaw_curl.curl_multi_remove_handle(posting->multi, posting->easy);
    if (posting->easy)
        thaw_curl.curl_easy_cleanup(posting->easy);
    if (posting->multi)
        thaw_curl.curl_multi_cleanup(posting->multi);
    thaw_curl.curl_slist_free_all(posting->headers);
    for (size_t i = 0; i < THAW_SIGNALS; i++)
        free(posting->urls[i]);
    if (posting->started)
        thaw_curl.curl_global_cleanup();
    free(posting);
}

/* --- a request --- */

bool thaw_posting_is_busy(const struct thaw_posting *posting)
{
    return posting->busy;
}

int thaw_posting_begin(struct thaw_posting *posting, enum thaw_signal signal, const char *body,
                       size_t length, struct thaw_error *error)
{
    CURL *easy = posting->easy;

    posting->head_bytes = posting->body_bytes = 0;
    posting->cut = posting->head_ended = false;
    if (thaw_curl.curl_easy_setopt(easy, CURLOPT_URL, posting->urls[signal]) != CURLE_OK ||
        thaw_curl.curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) != CURLE_OK ||
        thaw_curl.curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length) !=
            CURLE_OK ||
        thaw_curl.curl_multi_add_handle(posting->multi, easy) != CURLM_OK)
        return thaw_error_memory(error);
    posting->busy = true;
    return 0;
}

/*
 * What a status means. Those that may be sent again are the specification's; other failures of the
 * server it wants dropped, which would lose hours to a Collector that is merely ill: see
 * delivery.c.
 */
static enum thaw_posted meaning(long status)
{
    switch (status) {
    case 429:
    case 502:
    case 503:
    case 504:
        return THAW_POSTED_LATER;
    case 400:
    case 413:
        return THAW_POSTED_TOO_LARGE;
    default:
        if (status >= 200 && status < 300)
            return THAW_POSTED_TAKEN;
        return status >= 500 && status < 600 ? THAW_POSTED_BROKEN : THAW_POSTED_REFUSED;
    }
}

static void describe_status(struct thaw_posting_answer *answer)
{
    static const struct {
        long first, last;
        const char *words;
    } rows[] = {
        {300, 399, "; it sends elsewhere, which is not followed: its address is another one"},
        {401, 403, "; a key may be missing or wrong"},
        {404, 405, "; is this the address of its OTLP receiver for HTTP?"},
        {415, 415, "; its receiver does not take JSON"},
    };
    const char *words = "";

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (answer->status >= rows[i].first && answer->status <= rows[i].last)
            words = rows[i].words;
    snprintf(answer->error, sizeof(answer->error), "the Collector answered with status %ld%s",
             answer->status, words);
}

/* There is no answer that counts. Texts of libcurl's are fixed ones. */
static void describe_failure(struct thaw_posting *posting, CURLcode code,
                             struct thaw_posting_answer *answer)
{
    long number = 0;

    answer->posted = THAW_POSTED_LATER;
    thaw_curl.curl_easy_getinfo(posting->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
        snprintf(answer->error, sizeof(answer->error), "what answered does not speak HTTP");
    else if (code == CURLE_COULDNT_CONNECT && number > 0)
        snprintf(answer->error, sizeof(answer->error), "no connection to the Collector: %s",
                 strerror((int)number));
    else
        snprintf(answer->error, sizeof(answer->error), "no answer of the Collector: %s",
                 code ? thaw_curl.curl_easy_strerror(code) : "it ended early");
}

static void read_answer(struct thaw_posting *posting, CURLcode code,
                        struct thaw_posting_answer *answer)
{
    curl_off_t seconds = 0;

    *answer = (struct thaw_posting_answer){0};
    thaw_curl.curl_easy_getinfo(posting->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    if ((code != CURLE_OK && !posting->cut) || !posting->head_ended || answer->status < 200) {
        describe_failure(posting, code, answer);
        return;
    }
    answer->posted = meaning(answer->status);
    if (thaw_curl.curl_easy_getinfo(posting->easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK &&
        seconds > 0)
        answer->retry_after_ns =
            (seconds < RETRY_AFTER_S_MAX ? (uint64_t)seconds : RETRY_AFTER_S_MAX) * NS_PER_S;
    if (answer->posted != THAW_POSTED_TAKEN)
        describe_status(answer);
    else if (!posting->cut)
        answer->rejected = thaw_otlp_rejected(posting->body, posting->body_bytes);
}

bool thaw_posting_step(struct thaw_posting *posting, struct thaw_posting_answer *ret)
{
    int running, left;
    const CURLMsg *message;
    bool done = false;

    if (!posting->busy)
        return false;
    thaw_curl.curl_multi_perform(posting->multi, &running);
    while ((message = thaw_curl.curl_multi_info_read(posting->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        read_answer(posting, message->data.result, ret);
        done = true;
    }
    if (done) {
        thaw_curl.curl_multi_remove_handle(posting->multi, posting->easy);
        posting->busy = false;
    }
    return done;
}

void thaw_posting_wait(struct thaw_posting *posting, uint64_t most_ns)
{
    thaw_curl.curl_multi_poll(posting->multi, NULL, 0, (int)milliseconds(most_ns), NULL);
}
