/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "python/layouts.h"

/* Prints every layout row as "minor.member value", for test_layouts.py. */
#define SHOW(member) printf("%u." #member " %u\n", layout->minor, layout->member)

static void show(const struct thaw_python_layout *layout)
{
    SHOW(code_filename);
    SHOW(code_name);
    SHOW(text_length);
    SHOW(text_state);
    SHOW(text_kind_shift);
    SHOW(text_ascii_shift);
    SHOW(text_ascii_data);
    SHOW(text_compact_data);
    SHOW(dict_keys);
    SHOW(dict_keys_format);
    SHOW(keys_size);
    SHOW(keys_kind);
    SHOW(keys_indices);
    SHOW(entry_key);
    SHOW(entry_value);
    SHOW(entry_plain_key);
    SHOW(entry_plain_value);
    SHOW(identifier);
    SHOW(lazy_submodule);
    SHOW(module_name);
    SHOW(type_name);
}

int main(void)
{
    for (unsigned minor = 0; minor < 100; minor++) {
        const struct thaw_python_row *row = thaw_python_row(3, minor);

        if (row)
            show(&row->layout);
    }
    return 0;
}
