/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "audit/secret_file.h"
#include "audit/settings.h"
#include "platform/platform.h"

#define ANY_PLATFORM "auto"
#define IMPORTS 30
#define IMPORT_LEAST_NS 1000000ull
#define METRICS_EVERY_NS 60000000000ull
#define STORE_BYTES ((uint64_t)512 << 20) /* store/starts.h */
#define SPLIT_SHARE 10 /* a split may be on for a tenth of the time: it costs 150-300 ns a call */

const char *const thaw_on_loss_names[] = {"warn", "ignore", "fail", NULL};
const char *const thaw_redaction_names[] = {"paths", "names", "modules", NULL};

void thaw_audit_settings_begin(struct thaw_audit_settings *ret)
{
    *ret = (struct thaw_audit_settings){
        .platform = ANY_PLATFORM,
        .imports = IMPORTS,
        .import_least_ns = IMPORT_LEAST_NS,
        .metrics_every_ns = METRICS_EVERY_NS,
        .limits = thaw_starts_usual_limits,
        .delivery = thaw_delivery_usual,
        .tally = thaw_tally_usual_limits,
    };
}

static int refuse(struct thaw_error *error, const char *what)
{
    return thaw_error_set(error, -EINVAL, "%s", what);
}

static bool is_web_address(const char *url)
{
    const char *rest = !strncmp(url, "http://", 7)    ? url + 7
                       : !strncmp(url, "https://", 8) ? url + 8
                                                      : "";

    return *rest && *rest != '/' && *rest != ':' && !strpbrk(url, " \t\r\n?#@");
}

static uint64_t store_bytes(const struct thaw_audit_settings *settings)
{
    return settings->bounds.bytes ? settings->bounds.bytes : STORE_BYTES;
}

static int check(const struct thaw_audit_settings *settings, struct thaw_error *error)
{
    const char *url = settings->delivery.url;

    if (!settings->store && !settings->listen && !url)
        return refuse(error, "nothing would come of it: give --store FILE, --listen ADDRESS, or "
                             "both");
    if (url && !settings->store)
        return refuse(error, "--otlp needs --store FILE: what is on its way is kept there until "
                             "it was taken");
    if (url && !is_web_address(url))
        return refuse(error, "--otlp takes http:// or https:// and a host, such as "
                             "http://collector:4318, without user and password");
    if (url && settings->delivery.queue_bytes > store_bytes(settings) / 2)
        return refuse(error, "the queue of deliveries may take half of what the store may "
                             "(keep.bytes) at most");
    if (settings->headers_file && !url)
        return refuse(error, "headers are given, but no address that they would be sent to");
    if (strcmp(settings->platform, ANY_PLATFORM) && !thaw_platforms_find(settings->platform))
        return thaw_error_set(error, -EINVAL,
                              "there is no platform '%.60s'; `thaw audit --help` lists them",
                              settings->platform);
    if (settings->split_ns &&
        (!settings->split_every_ns || settings->split_ns > settings->split_every_ns / SPLIT_SHARE))
        return refuse(error, "a split is on for a tenth of the time at most: \"10s/10min\" is ten "
                             "seconds each ten minutes");
    return 0;
}

/* Beside the store, unless it is said where: hashes are to be the same after a restart. */
static int take_key(struct thaw_audit_settings *settings, bool make, struct thaw_error *error)
{
    struct thaw_secret_key key;
    const char *path = settings->key_file;
    int code;

    if (!settings->naming.redact)
        return 0;
    if (!path && settings->store) {
        path = thaw_arena_format(&settings->arena, "%s.key", settings->store);
        if (!path)
            return thaw_error_memory(error);
    }
    code = path ? thaw_secret_key_read(path, make, &settings->arena, &key, error)
                : thaw_secret_key_random(&settings->arena, &key, error);
    if (code == -ENOENT && !make)
        return 0; /* only checked: it will be made */
    if (code)
        return code;
    settings->naming.key = key.bytes;
    settings->naming.key_bytes = key.length;
    return 0;
}

int thaw_audit_settings_complete(struct thaw_audit_settings *settings, bool make,
                                 struct thaw_error *error)
{
    int code = check(settings, error);

    if (!code)
        code = take_key(settings, make, error);
    if (!code && settings->headers_file)
        code = thaw_secret_headers(settings->headers_file, &settings->arena,
                                   &settings->delivery.headers, error);
    return code;
}

/* --- reloads --- */

static bool same_text(const char *one, const char *other)
{
    return one && other ? !strcmp(one, other) : one == other;
}

static bool same_list(const char *const *one, const char *const *other)
{
    size_t i = 0;

    while (one && other && one[i] && other[i] && !strcmp(one[i], other[i]))
        i++;
    return (!one || !one[i]) && (!other || !other[i]);
}

/* A text that outlives now: the list of what was set back has to be complete, so it is copied. */
static const char *copy(struct thaw_arena *arena, const char *text, bool *failed)
{
    const char *kept = text ? thaw_arena_string(arena, text) : NULL;

    *failed |= text && !kept;
    return kept;
}

struct text_row {
    const char *name;
    size_t offset;
};

static const struct text_row held_texts[] = {
    {"store", offsetof(struct thaw_audit_settings, store)},
    {"listen", offsetof(struct thaw_audit_settings, listen)},
    {"platform", offsetof(struct thaw_audit_settings, platform)},
    {"user", offsetof(struct thaw_audit_settings, user)},
};

static const char *hold_texts(const struct thaw_audit_settings *now,
                              struct thaw_audit_settings *next, const char *names)
{
    bool failed = false;

    for (size_t i = 0; names && i < sizeof(held_texts) / sizeof(held_texts[0]); i++) {
        const char *is, *would;

        memcpy(&is, (const char *)now + held_texts[i].offset, sizeof(is));
        memcpy(&would, (const char *)next + held_texts[i].offset, sizeof(would));
        if (same_text(is, would))
            continue;
        is = copy(&next->arena, is, &failed);
        memcpy((char *)next + held_texts[i].offset, &is, sizeof(is));
        names = thaw_arena_format(&next->arena, "%s%s%s", names, *names ? ", " : "",
                                  held_texts[i].name);
    }
    return failed ? NULL : names;
}

static const char *hold_list(const struct thaw_audit_settings *now,
                             struct thaw_audit_settings *next, const char *names)
{
    bool failed = false;
    const char **list;
    size_t count = 0;

    if (!names || same_list(now->pythons, next->pythons))
        return names;
    while (now->pythons && now->pythons[count])
        count++;
    list = thaw_arena_allocate(&next->arena, (count + 1) * sizeof(*list));
    for (size_t i = 0; list && i < count; i++)
        list[i] = copy(&next->arena, now->pythons[i], &failed);
    if (!list || failed)
        return NULL;
    next->pythons = list;
    return thaw_arena_format(&next->arena, "%s%spythons", names, *names ? ", " : "");
}

const char *thaw_audit_settings_hold(const struct thaw_audit_settings *now,
                                     struct thaw_audit_settings *next)
{
    const char *names = hold_list(now, next, hold_texts(now, next, ""));

    if (names && now->starts != next->starts)
        names = thaw_arena_format(&next->arena, "%s%sstarts", names, *names ? ", " : "");
    if (names && memcmp(&now->tally, &next->tally, sizeof(now->tally)))
        names = thaw_arena_format(&next->arena, "%s%stell_apart", names, *names ? ", " : "");
    next->starts = now->starts;
    next->tally = now->tally;
    next->limits = now->limits;
    next->duration_ns = now->duration_ns;
    return names;
}

void thaw_audit_settings_free(struct thaw_audit_settings *settings)
{
    if (settings->naming.key)
        explicit_bzero((void *)settings->naming.key, settings->naming.key_bytes);
    thaw_arena_free(&settings->arena);
    *settings = (struct thaw_audit_settings){0};
}
