/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names every record once, so that the object's type information describes them and
 * tests/unit/test_event_layout.c can compare both sides. Types that only local variables use
 * would not be in it.
 */
#include "emit.h"

#define DESCRIBE(name) const struct thaw_kernel_##name *describe_##name

DESCRIBE(fork);
DESCRIBE(exec);
DESCRIBE(exit);
DESCRIBE(import_begin);
DESCRIBE(frame_end);
DESCRIBE(body_begin);
DESCRIBE(dlopen_begin);
DESCRIBE(file_open);
DESCRIBE(file_close);
DESCRIBE(lookups);
DESCRIBE(lookup);
DESCRIBE(folder);
DESCRIBE(usage);
DESCRIBE(effect);
DESCRIBE(connect);
DESCRIBE(socket_data);
DESCRIBE(library_open);
DESCRIBE(strand_begin);
DESCRIBE(module_init);
DESCRIBE(sample);
DESCRIBE(server);
DESCRIBE(host_file);
DESCRIBE(request_head);
DESCRIBE(vm_event);
DESCRIBE(console_line);

char LICENSE[] SEC("license") = "Dual BSD/GPL";
