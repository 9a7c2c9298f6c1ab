/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/perf_event.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "capture/perf_record.h"

/* What stands at the end of every record but samples (sample_id_all). */
struct trailer {
    uint32_t pid;
    uint32_t tid;
    uint64_t time_ns;
};

struct mapping_head {
    struct perf_event_header header;
    uint32_t pid, tid;
    uint64_t start, bytes, offset;
    uint32_t device_major, device_minor;
    uint64_t inode, generation;
    uint32_t protection, flags;
};

struct lost_head {
    struct perf_event_header header;
    uint64_t id, lost;
};

struct name_head {
    struct perf_event_header header;
    uint32_t pid, tid;
};

/* Up to where all samples are alike. */
struct stack_head {
    struct perf_event_header header;
    uint32_t pid, tid;
    uint64_t time_ns;
    uint64_t abi; /* PERF_SAMPLE_REGS_ABI_…; without registers nothing of them follows */
};

static bool take_trailer(const unsigned char *bytes, size_t size, struct thaw_perf_record *ret)
{
    struct trailer trailer;

    if (size < sizeof(struct perf_event_header) + sizeof(trailer))
        return false;
    memcpy(&trailer, bytes + size - sizeof(trailer), sizeof(trailer));
    ret->pid = trailer.pid;
    ret->tid = trailer.tid;
    ret->time_ns = trailer.time_ns;
    return true;
}

static enum thaw_perf_kind read_mapping(const unsigned char *bytes, size_t size,
                                        struct thaw_perf_record *ret)
{
    const char *path = (const char *)bytes + sizeof(struct mapping_head);
    struct mapping_head head;
    size_t rest;

    if (size < sizeof(head) + sizeof(struct trailer))
        return THAW_PERF_BAD;
    rest = size - sizeof(head) - sizeof(struct trailer);
    if (!memchr(path, 0, rest))
        return THAW_PERF_BAD;
    memcpy(&head, bytes, sizeof(head));
    if (!head.bytes || head.start + head.bytes < head.start)
        return THAW_PERF_BAD;
    ret->pid = head.pid;
    ret->tid = head.tid;
    ret->start = head.start;
    ret->bytes = head.bytes;
    ret->offset = head.offset;
    ret->device = makedev(head.device_major, head.device_minor);
    ret->inode = head.inode;
    ret->path = path;
    return THAW_PERF_MAPPING;
}

static enum thaw_perf_kind read_lost(const unsigned char *bytes, size_t size,
                                     struct thaw_perf_record *ret)
{
    struct lost_head head;

    if (size < sizeof(head))
        return THAW_PERF_BAD;
    memcpy(&head, bytes, sizeof(head));
    ret->lost = head.lost;
    return THAW_PERF_LOST;
}

static enum thaw_perf_kind read_name(const unsigned char *bytes, size_t size,
                                     struct thaw_perf_record *ret)
{
    struct name_head head;

    if (size < sizeof(head))
        return THAW_PERF_BAD;
    memcpy(&head, bytes, sizeof(head));
    ret->pid = head.pid;
    ret->tid = head.tid;
    return head.header.misc & PERF_RECORD_MISC_COMM_EXEC ? THAW_PERF_EXEC : THAW_PERF_OTHER;
}

/* Behind the registers: how much room there was, that many bytes, and how many of them are filled
 * (not told where there was no room). */
static bool take_stack(const unsigned char *bytes, size_t size, struct thaw_perf_record *ret)
{
    uint64_t room, filled;

    if (size < sizeof(room))
        return false;
    memcpy(&room, bytes, sizeof(room));
    bytes += sizeof(room);
    size -= sizeof(room);
    if (!room)
        return size == 0;
    if (size < sizeof(filled) || room != size - sizeof(filled))
        return false;
    memcpy(&filled, bytes + room, sizeof(filled));
    if (filled > room)
        return false;
    ret->stack = bytes;
    ret->stack_bytes = (size_t)filled;
    return true;
}

static enum thaw_perf_kind read_stack(const unsigned char *bytes, size_t size,
                                      struct thaw_perf_record *ret)
{
    struct stack_head head;

    if (size == offsetof(struct stack_head, abi)) /* no stacks are asked for */
        return THAW_PERF_OTHER;
    if (size < sizeof(head))
        return THAW_PERF_BAD;
    memcpy(&head, bytes, sizeof(head));
    ret->pid = head.pid;
    ret->tid = head.tid;
    ret->time_ns = head.time_ns;
    if (head.abi != PERF_SAMPLE_REGS_ABI_64)
        return head.abi > PERF_SAMPLE_REGS_ABI_64 ? THAW_PERF_BAD : THAW_PERF_OTHER;
    bytes += sizeof(head);
    size -= sizeof(head);
    if (size < sizeof(ret->registers))
        return THAW_PERF_BAD;
    memcpy(ret->registers, bytes, sizeof(ret->registers));
    bytes += sizeof(ret->registers);
    size -= sizeof(ret->registers);
    return take_stack(bytes, size, ret) ? THAW_PERF_STACK : THAW_PERF_BAD;
}

static enum thaw_perf_kind read_record(const unsigned char *bytes, size_t size,
                                       struct thaw_perf_record *ret)
{
    struct perf_event_header header;

    if (size < sizeof(header))
        return THAW_PERF_BAD;
    memcpy(&header, bytes, sizeof(header));
    if (header.size != size)
        return THAW_PERF_BAD;
    if (header.type == PERF_RECORD_SAMPLE)
        return read_stack(bytes, size, ret);
    if (!take_trailer(bytes, size, ret))
        return THAW_PERF_BAD;
    switch (header.type) {
    case PERF_RECORD_MMAP2:
        return read_mapping(bytes, size, ret);
    case PERF_RECORD_LOST:
        return read_lost(bytes, size, ret);
    case PERF_RECORD_COMM:
        return read_name(bytes, size, ret);
    case PERF_RECORD_THROTTLE:
        return THAW_PERF_THROTTLE;
    default:
        return THAW_PERF_OTHER;
    }
}

void thaw_perf_record_read(const void *bytes, size_t size, struct thaw_perf_record *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->path = "";
    ret->kind = read_record(bytes, size, ret);
}
