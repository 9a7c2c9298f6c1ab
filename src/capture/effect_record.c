/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "capture/effect_record.h"

static const struct word {
    int number;
    const char *name;
} families[] =
    {
        {AF_UNIX, "AF_UNIX"},       {AF_INET, "AF_INET"},     {AF_INET6, "AF_INET6"},
        {AF_NETLINK, "AF_NETLINK"}, {AF_PACKET, "AF_PACKET"},
},
  types[] = {
      {SOCK_STREAM, "SOCK_STREAM"},
      {SOCK_DGRAM, "SOCK_DGRAM"},
      {SOCK_RAW, "SOCK_RAW"},
      {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
};

/* The number's name, or the number behind a word; NULL when memory is short. */
static const char *name_of(struct thaw_arena *arena, const struct word *words, size_t count,
                           const char *what, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if ((uint64_t)words[i].number == number)
            return words[i].name;
    return thaw_arena_format(arena, "%s %" PRIu64, what, number);
}

static const char *family_name(struct thaw_arena *arena, uint64_t family)
{
    return name_of(arena, families, sizeof(families) / sizeof(families[0]), "family", family);
}

static const char *socket_text(const struct thaw_kernel_effect *record, struct thaw_arena *arena)
{
    uint64_t type = record->second_value & ~(uint64_t)(SOCK_NONBLOCK | SOCK_CLOEXEC);
    const char *family = family_name(arena, record->value);
    const char *type_name = name_of(arena, types, sizeof(types) / sizeof(types[0]), "type", type);

    if (!family || !type_name)
        return NULL;
    return thaw_arena_format(arena, "%s %s%s", family, type_name,
                             record->what == THAW_KERNEL_EFFECT_SOCKET_PAIR ? ", a pair" : "");
}

/* "192.0.2.1:80", "[2001:db8::1]:80"; what is cut short is not guessed. */
static const char *internet_text(struct thaw_arena *arena, const char *bytes, size_t length)
{
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in6 six;
    struct sockaddr_in four;

    if (length >= sizeof(six)) {
        memcpy(&six, bytes, sizeof(six));
        if (six.sin6_family == AF_INET6) {
            inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
            return thaw_arena_format(arena, "[%s]:%u", text, ntohs(six.sin6_port));
        }
    }
    memcpy(&four, bytes, sizeof(four));
    inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
    return thaw_arena_format(arena, "%s:%u", text, ntohs(four.sin_port));
}

/* A path, or a name in the abstract space behind "@". */
static const char *local_text(struct thaw_arena *arena, const char *path, size_t length)
{
    if (!length)
        return "AF_UNIX";
    if (*path)
        return thaw_arena_text(arena, path, strnlen(path, length));
    path = thaw_arena_text(arena, path + 1, length - 1);
    return path ? thaw_arena_format(arena, "@%s", path) : NULL;
}

static const char *address_text(struct thaw_arena *arena, const char *bytes, size_t length)
{
    sa_family_t family;

    if (length < sizeof(family))
        return "";
    memcpy(&family, bytes, sizeof(family));
    if (family == AF_UNIX)
        return local_text(arena, bytes + offsetof(struct sockaddr_un, sun_path),
                          length - offsetof(struct sockaddr_un, sun_path));
    if ((family == AF_INET && length >= sizeof(struct sockaddr_in)) ||
        (family == AF_INET6 && length >= sizeof(struct sockaddr_in6)))
        return internet_text(arena, bytes, length);
    return family_name(arena, family);
}

static const char *signal_text(const struct thaw_kernel_effect *record, struct thaw_arena *arena)
{
    const char *name = record->value < 32 ? sigabbrev_np((int)record->value) : NULL;
    const char *does = "a handler";

    if (record->second_value == 0)
        does = "the default";
    else if (record->second_value == 1)
        does = "ignored";
    else if (record->second_value == UINT64_MAX)
        does = "not readable";
    if (name)
        return thaw_arena_format(arena, "SIG%s: %s", name, does);
    if (record->value == 32 || record->value == 33)
        return thaw_arena_format(arena, "signal %" PRIu64 " of the C library's threads: %s",
                                 (uint64_t)record->value, does);
    return thaw_arena_format(arena, "signal %" PRIu64 ": %s", (uint64_t)record->value, does);
}

/* A path that the kernel's side copied, with an ellipsis where it was longer than is copied. */
static const char *path_text(struct thaw_arena *arena, const char *bytes, size_t length)
{
    const char *text = thaw_arena_text(arena, bytes, strnlen(bytes, length));

    if (!text || length < THAW_KERNEL_PATH_BYTES)
        return text;
    return thaw_arena_format(arena, "%s\xE2\x80\xA6", text);
}

static const char *two_texts(struct thaw_arena *arena, const char *first, size_t first_length,
                             const char *second, size_t second_length)
{
    const char *from = path_text(arena, first, first_length);
    const char *to = path_text(arena, second, second_length);

    return from && to ? thaw_arena_format(arena, "%s -> %s", from, to) : NULL;
}

static const char *detail_of(const struct thaw_kernel_effect *record, struct thaw_arena *arena)
{
    const char *texts = record->texts, *name;
    size_t first = record->first_bytes;

    switch (record->what) {
    case THAW_KERNEL_EFFECT_SOCKET:
    case THAW_KERNEL_EFFECT_SOCKET_PAIR:
        return socket_text(record, arena);
    case THAW_KERNEL_EFFECT_BIND:
    case THAW_KERNEL_EFFECT_CONNECT:
    case THAW_KERNEL_EFFECT_LOOKUP_ADDRESS:
        return address_text(arena, texts, first);
    case THAW_KERNEL_EFFECT_SIGNAL:
        return signal_text(record, arena);
    case THAW_KERNEL_EFFECT_RENAME:
    case THAW_KERNEL_EFFECT_LINK:
        return two_texts(arena, texts, first, texts + first, record->second_bytes);
    case THAW_KERNEL_EFFECT_SET:
    case THAW_KERNEL_EFFECT_UNSET:
        name = thaw_arena_text(arena, texts, first);
        return name ? thaw_arena_format(arena, "%s %s", name,
                                        record->what == THAW_KERNEL_EFFECT_SET ? "set" : "removed")
                    : NULL;
    default:
        return path_text(arena, texts, first);
    }
}

static const char *const kinds[THAW_KERNEL_EFFECT_KINDS] = {
    [THAW_KERNEL_EFFECT_THREAD] = "thread",
    [THAW_KERNEL_EFFECT_PROCESS] = "process",
    [THAW_KERNEL_EFFECT_SOCKET] = "socket",
    [THAW_KERNEL_EFFECT_SOCKET_PAIR] = "socket",
    [THAW_KERNEL_EFFECT_BIND] = "bind",
    [THAW_KERNEL_EFFECT_LISTEN] = "listen",
    [THAW_KERNEL_EFFECT_CONNECT] = "connect",
    [THAW_KERNEL_EFFECT_WRITE] = "write",
    [THAW_KERNEL_EFFECT_RENAME] = "rename",
    [THAW_KERNEL_EFFECT_REMOVE] = "remove",
    [THAW_KERNEL_EFFECT_MAKE_FOLDER] = "mkdir",
    [THAW_KERNEL_EFFECT_REMOVE_FOLDER] = "rmdir",
    [THAW_KERNEL_EFFECT_LINK] = "link",
    [THAW_KERNEL_EFFECT_SLEEP] = "sleep",
    [THAW_KERNEL_EFFECT_SIGNAL] = "signal",
    [THAW_KERNEL_EFFECT_LOOKUP] = "lookup",
    [THAW_KERNEL_EFFECT_LOOKUP_ADDRESS] = "lookup",
    [THAW_KERNEL_EFFECT_SET] = "environment",
    [THAW_KERNEL_EFFECT_UNSET] = "environment",
};

int thaw_effect_record_event(const struct thaw_kernel_effect *record, struct thaw_arena *arena,
                             struct thaw_effect_seen *ret)
{
    bool starts =
        record->what == THAW_KERNEL_EFFECT_THREAD || record->what == THAW_KERNEL_EFFECT_PROCESS;

    if (record->what >= THAW_KERNEL_EFFECT_KINDS || !kinds[record->what])
        return 0;
    *ret = (struct thaw_effect_seen){
        .what = kinds[record->what],
        .detail = detail_of(record, arena),
        .result = record->result,
        .started = starts ? record->value : 0,
        .duration_ns = record->what == THAW_KERNEL_EFFECT_SLEEP ? record->value : 0,
        .stack = record->stack,
        .strand = record->strand,
        .inherited = record->inherited,
        .last = record->last,
    };
    return ret->detail ? 1 : -ENOMEM;
}
