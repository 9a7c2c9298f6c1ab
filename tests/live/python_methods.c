/* SPDX-License-Identifier: Apache-2.0 */
/* python_methods OBJECT: where thaw finds marshal's functions by their table: offsets in the file.
 */
#include <inttypes.h>
#include <stdio.h>

#include "python/methods.h"

int main(int argc, char **argv)
{
    uint64_t offsets[THAW_PYTHON_METHODS];
    struct thaw_object *object;
    struct thaw_error error = {0};

    if (argc != 2 || thaw_object_open(argv[1], &object, &error) ||
        thaw_python_methods_find(object, offsets, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("marshal_loads %" PRIu64 "\n", offsets[THAW_PYTHON_UNMARSHAL]);
    printf("marshal_dumps %" PRIu64 "\n", offsets[THAW_PYTHON_MARSHAL]);
    thaw_object_close(object);
    return 0;
}
