/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "capture/attach.h"
#include "capture/trap_cost.h"
#include "native/object.h"

#define SELF "/proc/self/exe"
#define CALLS 200
#define ROUNDS 5

void thaw_trap_anchor(void);

/* The least there is to a system call; the C library keeps no answer to this one. */
static void call_system(void)
{
    syscall(SYS_getppid);
}

/* The best of some rounds, per call: other work on the machine only adds. */
static uint64_t time_calls(void (*called)(void))
{
    uint64_t best = UINT64_MAX;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = thaw_clock_now_ns(), took;

        for (int call = 0; call < CALLS; call++)
            called();
        took = thaw_clock_now_ns() - begin;
        best = took < best ? took : best;
    }
    return best / CALLS;
}

/* A program that does nothing: its descriptor, or a negative errno. */
static int load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach_type)
{
    static const struct bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach_type);
    int program = bpf_prog_load(type, "thaw_nothing", "GPL", instructions, 2, &options);

    return program < 0 ? -errno : program;
}

/* Attaches such a program; returns the link or a negative errno. */
static int attach_nothing(enum thaw_uprobe_way way, uint64_t offset, bool at_return)
{
    const struct thaw_attach_point point = {.offset = offset};
    struct thaw_attach_place place = {
        .path = SELF, .points = &point, .count = 1, .at_return = at_return};
    int program = load_nothing(BPF_PROG_TYPE_KPROBE, thaw_attach_type(way));
    size_t count;
    int link, code;

    if (program < 0)
        return program;
    code = thaw_attach_uprobe(program, way, &place, &link, &count);
    close(program);
    return code ? code : link;
}

static int anchor_offset(uint64_t *ret)
{
    struct thaw_object *self;
    uint64_t size;
    int code = thaw_object_open(SELF, &self, NULL);

    if (code)
        return code;
    code = thaw_object_function(self, "thaw_trap_anchor", ret, &size, NULL);
    thaw_object_close(self);
    return code;
}

int thaw_trap_cost_measure(enum thaw_uprobe_way way, struct thaw_trap_cost *ret)
{
    uint64_t offset, plain, with_entry, with_both;
    int entry, at_return, code = anchor_offset(&offset);

    if (code)
        return code;
    plain = time_calls(thaw_trap_anchor);
    entry = attach_nothing(way, offset, false);
    if (entry < 0)
        return entry;
    with_entry = time_calls(thaw_trap_anchor);
    at_return = attach_nothing(way, offset, true);
    if (at_return < 0) {
        close(entry);
        return at_return;
    }
    with_both = time_calls(thaw_trap_anchor);
    thaw_attach_close((int[]){entry, at_return}, 2);
    ret->entry_ns = with_entry > plain ? with_entry - plain : 0;
    ret->return_ns = with_both > with_entry ? with_both - with_entry : 0;
    return 0;
}

int thaw_call_cost_measure(uint64_t *ret)
{
    int program = load_nothing(BPF_PROG_TYPE_RAW_TRACEPOINT, 0), enter, leave, code = 0;
    uint64_t plain, watched;

    if (program < 0)
        return program;
    plain = time_calls(call_system);
    enter = bpf_raw_tracepoint_open("sys_enter", program);
    leave = bpf_raw_tracepoint_open("sys_exit", program);
    watched = time_calls(call_system);
    if (enter < 0 || leave < 0)
        code = enter < 0 ? enter : leave;
    else
        *ret = watched > plain ? watched - plain : 0;
    if (enter >= 0)
        close(enter);
    if (leave >= 0)
        close(leave);
    close(program);
    return code;
}
