/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/object.h"

/* An ELF file of any content: everything that is read of it, from a file in memory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_texts(const struct thaw_object *object)
{
    const char *const *needed;
    size_t count = thaw_object_needed(object, &needed), length = 0;

    for (size_t i = 0; i < count; i++)
        length += strlen(needed[i]);
    length += strlen(thaw_object_soname(object)) + strlen(thaw_object_rpath(object)) +
              strlen(thaw_object_runpath(object)) + strlen(thaw_object_interpreter(object));
    if (length > (count + 4) * 4096 || strlen(thaw_object_build_id(object)) > 128)
        abort();
}

static void use_symbols(const struct thaw_object *object)
{
    static const char *const names[] = {"answer", "function", "Py_Version", ""};
    uint64_t offset, rest;
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        thaw_object_exports(object, names[i]);
        thaw_object_data(object, names[i], bytes, sizeof(bytes), NULL);
        if (thaw_object_function(object, names[i], &offset, &rest, NULL) < 0)
            continue;
        if (offset >= thaw_object_bytes(object) || rest > thaw_object_bytes(object) - offset)
            abort();
        thaw_object_instruction(object, offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_object *object;
    int fd = memfd_create("object", MFD_CLOEXEC);

    if (fd < 0)
        abort();
    if (write(fd, data, size) == (ssize_t)size &&
        thaw_object_open_descriptor(fd, "input", &object, NULL) == 0) {
        use_texts(object);
        use_symbols(object);
        thaw_object_close(object);
    }
    close(fd);
    return 0;
}
