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

/* A program that only answers: in a session 1 declines the return, 0 wants it. */
static int load_answer(enum thaw_uprobe_way way, int answer)
{
    const struct bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = thaw_attach_type(way));
    int program =
        bpf_prog_load(BPF_PROG_TYPE_KPROBE, "thaw_answer", "GPL", instructions, 2, &options);

    return program < 0 ? -errno : program;
}

/* Attaches a program that answers so; returns the link or a negative errno. */
static int attach_answer(enum thaw_uprobe_way way, int answer, uint64_t offset, bool at_return)
{
    struct thaw_attach_place place = {.path = SELF, .offset = offset, .at_return = at_return};
    int program = load_answer(way, answer);
    int link;

    if (program < 0)
        return program;
    link = thaw_attach_uprobe(program, way, &place);
    close(program);
    return link;
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
    bool session = way == THAW_UPROBE_SESSION;
    uint64_t offset, plain, with_entry, with_both;
    int entry, at_return, code = anchor_offset(&offset);

    if (code)
        return code;
    plain = time_calls();
    entry = attach_answer(way, session ? 1 : 0, offset, false);
    if (entry < 0)
        return entry;
    with_entry = time_calls();
    /* Two sessions at one place: the trap is taken once, and the second wants the return. */
    at_return = attach_answer(way, 0, offset, !session);
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
