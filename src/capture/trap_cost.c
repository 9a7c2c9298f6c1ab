/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/bpf.h>
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

/* The best of some rounds, per call: other work on the machine only adds. */
static uint64_t time_calls(void)
{
    uint64_t best = UINT64_MAX;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begin = thaw_clock_now_ns(), took;

        for (int call = 0; call < CALLS; call++)
            thaw_trap_anchor();
        took = thaw_clock_now_ns() - begin;
        best = took < best ? took : best;
    }
    return best / CALLS;
}

/* A program that does nothing. */
static int load_nothing(enum thaw_uprobe_way way)
{
    static const struct bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = thaw_attach_type(way));
    int program =
        bpf_prog_load(BPF_PROG_TYPE_KPROBE, "thaw_nothing", "GPL", instructions, 2, &options);

    return program < 0 ? -errno : program;
}

/* Attaches such a program; returns the link or a negative errno. */
static int attach_nothing(enum thaw_uprobe_way way, uint64_t offset, bool at_return)
{
    const struct thaw_attach_point point = {.offset = offset};
    struct thaw_attach_place place = {
        .path = SELF, .points = &point, .count = 1, .at_return = at_return};
    int program = load_nothing(way);
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
    plain = time_calls();
    entry = attach_nothing(way, offset, false);
    if (entry < 0)
        return entry;
    with_entry = time_calls();
    at_return = attach_nothing(way, offset, true);
    if (at_return < 0) {
        close(entry);
        return at_return;
    }
    with_both = time_calls();
    thaw_attach_close((int[]){entry, at_return}, 2);
    ret->entry_ns = with_entry > plain ? with_entry - plain : 0;
    ret->return_ns = with_both > with_entry ? with_both - with_entry : 0;
    return 0;
}
