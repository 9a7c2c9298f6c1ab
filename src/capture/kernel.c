/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture/attach.h"
#include "capture/kernel.h"
#include "native/object.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define SELF "/proc/self/exe"

/* Where attaching is tried: a function of thaw's own that nothing calls while it is probed. */
#define ANCHOR "thaw_kernel_probe"

/* A program that does nothing: `return 0`. */
static int load_nothing(enum thaw_uprobe_way way)
{
    static const struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = thaw_attach_type(way));
    int program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "thaw_nothing", "GPL", nothing, 2, &options);

    return program < 0 ? -errno : program;
}

static bool attaches(enum thaw_uprobe_way way, uint64_t offset)
{
    const struct thaw_attach_point point = {.offset = offset};
    struct thaw_attach_place place = {.path = SELF, .points = &point, .count = 1};
    int program = load_nothing(way);
    size_t count;
    int link, code;

    if (program < 0)
        return false;
    code = thaw_attach_uprobe(program, way, &place, &link, &count);
    close(program);
    if (code)
        return false;
    close(link);
    return true;
}

static int anchor_offset(uint64_t *ret)
{
    struct thaw_object *self;
    uint64_t size;
    int code = thaw_object_open(SELF, &self, NULL);

    if (code)
        return code;
    code = thaw_object_function(self, ANCHOR, ret, &size, NULL);
    thaw_object_close(self);
    return code;
}

/* The best way first: the others matter only where it is missing, or to `thaw doctor`. */
static void probe_ways(bool everything, uint64_t offset, struct thaw_kernel_support *ret)
{
    ret->multi = attaches(THAW_UPROBE_MULTI, offset);
    if (everything || !ret->multi)
        ret->perf = attaches(THAW_UPROBE_PERF, offset);
    ret->way = ret->multi ? THAW_UPROBE_MULTI : ret->perf ? THAW_UPROBE_PERF : THAW_UPROBE_NONE;
}

/* The first PID namespace has a number of its own (PROC_PID_INIT_INO, include/linux/proc_ns.h).
 * Where it is not told, nothing is concluded. */
static bool is_apart(void)
{
    static const char first[] = "pid:[4026531836]";
    char name[64] = "";

    return readlink("/proc/self/ns/pid", name, sizeof(name) - 1) > 0 && strcmp(name, first) != 0;
}

void thaw_kernel_probe(bool everything, struct thaw_kernel_support *ret)
{
    uint64_t offset;
    int program;

    memset(ret, 0, sizeof(*ret));
    ret->apart = is_apart();
    ret->btf = access(BTF_FILE, R_OK) == 0;
    program = load_nothing(THAW_UPROBE_PERF);
    ret->load = program < 0 ? program : 0;
    if (everything && ret->btf)
        ret->sockets = libbpf_find_vmlinux_btf_id("sock_send_length", BPF_TRACE_RAW_TP) > 0 &&
                       libbpf_find_vmlinux_btf_id("sock_recv_length", BPF_TRACE_RAW_TP) > 0;
    if (program < 0 || anchor_offset(&offset))
        return;
    close(program);
    probe_ways(everything, offset, ret);
}

const char *thaw_uprobe_way_name(enum thaw_uprobe_way way)
{
    static const char *const names[] = {
        [THAW_UPROBE_NONE] = "none",
        [THAW_UPROBE_PERF] = "perf uprobe",
        [THAW_UPROBE_MULTI] = "uprobe multi",
    };

    return names[way];
}

const char *thaw_kernel_refusal(const struct thaw_kernel_support *support)
{
    if (support->apart)
        return "this is a PID namespace of its own, whose process numbers eBPF does not know: run "
               "thaw outside of the container, or in one that shares the host's (--pid=host)";
    if (support->load == -EPERM || support->load == -EACCES)
        return "eBPF is refused to this process: run as root (sudo thaw …), or from Linux 6.6 on "
               "give it CAP_BPF and CAP_PERFMON";
    if (support->load == -ENOSYS)
        return "this kernel has no bpf(2), or a seccomp filter hides it: run outside the container";
    if (support->load)
        return "the kernel refuses to load tracing programs: `thaw doctor` tells more";
    if (!support->btf)
        return "this kernel has no type information (/sys/kernel/btf/vmlinux): one built with "
               "CONFIG_DEBUG_INFO_BTF is needed, as Debian's are";
    if (support->way == THAW_UPROBE_NONE)
        return "no way to attach to interpreters: before Linux 6.6 that takes CAP_SYS_ADMIN, so "
               "run as root (sudo thaw …)";
    return NULL;
}
