/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_CAPSTONE_H
#define THAW_NATIVE_CAPSTONE_H

#include <capstone/capstone.h>

/* The functions of capstone, which only recordings need (base/late_library.h). */
#define THAW_CAPSTONE_FUNCTIONS(EACH)                                                              \
    EACH(cs_close)                                                                                 \
    EACH(cs_disasm_iter)                                                                           \
    EACH(cs_free)                                                                                  \
    EACH(cs_insn_group)                                                                            \
    EACH(cs_malloc)                                                                                \
    EACH(cs_open)                                                                                  \
    EACH(cs_option)                                                                                \
    EACH(cs_regs_access)

struct thaw_capstone {
#define MEMBER(name) __typeof__(name) *name;
    THAW_CAPSTONE_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Only to be used after thaw_capstone_load() gave 0: an open disassembler is proof of that. */
extern struct thaw_capstone thaw_capstone;

int thaw_capstone_load(void); /* 0; -ENOSYS: capstone is not installed */

#endif
