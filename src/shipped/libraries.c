/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shipped/content.h"
#include "shipped/file_kinds.h"
#include "shipped/libraries.h"
#include "shipped/library_object.h"
#include "shipped/library_reading.h"
#include "shipped/tree.h"

/* Far more than any target has; each keeps what a hostile one costs within bounds. */
#define LIBRARIES_MAX 100000
#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define INFLATED_BYTES_MAX ((uint64_t)4 << 30)

struct reading {
    struct thaw_shipped *shipped;
    THAW_ARRAY(uint32_t) files; /* that may be ELF */
    THAW_ARRAY(struct thaw_library_extra) extras;
    size_t text_bytes;
    uint64_t inflated_bytes;
    bool is_full; /* the rest is not read */
};

/* Nothing that is told by its name to be something else is opened. */
static bool may_be_executable(const struct thaw_shipped_file *file)
{
    return file->kind == THAW_FILE_NATIVE || file->kind == THAW_FILE_DATA ||
           (file->kind == THAW_FILE_TESTS && !strchr(thaw_tree_file_name(file), '.'));
}

bool thaw_library_may_be(const struct thaw_shipped_file *file)
{
    return file->kind != THAW_FILE_DEBUG && file->kind != THAW_FILE_METADATA &&
           !thaw_file_kinds_is_source(file->kind) &&
           thaw_library_is_name(thaw_tree_file_name(file));
}

static int compare_paths(const void *left, const void *right, void *context)
{
    const struct thaw_shipped_file *files = context;

    return strcmp(files[*(const uint32_t *)left].path, files[*(const uint32_t *)right].path);
}

static int find_files(struct reading *reading)
{
    const struct thaw_shipped *shipped = reading->shipped;
    size_t count, next = 0;
    const uint32_t *executables = thaw_content_executables(shipped, &count);

    for (uint32_t i = 0; i < shipped->file_count; i++) {
        bool is_executable = next < count && executables[next] == i;
        uint32_t *slot;

        next += is_executable;
        if (!thaw_library_may_be(&shipped->files[i]) &&
            !(is_executable && may_be_executable(&shipped->files[i])))
            continue;
        slot = thaw_array_add(&reading->files);
        if (!slot)
            return -ENOMEM;
        *slot = i;
    }
    if (reading->files.count)
        qsort_r(reading->files.items, reading->files.count, sizeof(uint32_t), compare_paths,
                shipped->files);
    return 0;
}

/* What a file that is named like a library is, if it is not ELF; NULL: fine as it is. */
static const char *why_not(const char *magic, size_t length)
{
    static const unsigned char mach[][4] = {{0xcf, 0xfa, 0xed, 0xfe},
                                            {0xce, 0xfa, 0xed, 0xfe},
                                            {0xca, 0xfe, 0xba, 0xbe}};

    if (length >= 4 && (memcmp(magic, "/* G", 4) == 0 || memcmp(magic, "INPU", 4) == 0 ||
                        memcmp(magic, "GROU", 4) == 0 || memcmp(magic, "OUTP", 4) == 0))
        return NULL; /* a script for the linker */
    for (size_t i = 0; length >= 4 && i < sizeof(mach) / sizeof(mach[0]); i++)
        if (memcmp(magic, mach[i], 4) == 0)
            return "for macOS (Mach-O): install the wheel for Linux";
    if (length >= 2 && memcmp(magic, "MZ", 2) == 0)
        return "for Windows (PE): install the wheel for Linux";
    return length ? "named as a shared object, but not ELF: reinstall it"
                  : "named as a shared object, but empty: reinstall it";
}

/* A file that can't be used; those with any other name are just no libraries. */
static int refuse(struct reading *reading, const struct thaw_library_reading *refused)
{
    struct thaw_shipped *shipped = reading->shipped;
    uint32_t file = refused->file;
    int code = refused->code;
    const char *path = shipped->files[file].path, *what = refused->message;
    struct thaw_arena arena = {0};
    char *magic = NULL;
    size_t length = 0;
    int result = -ENOENT;

    if (code == -ENOEXEC && !thaw_library_is_name(thaw_tree_name(path)))
        return 0;
    if (code == -ENOEXEC)
        result = thaw_tree_read(shipped, file, 4, &arena, &magic, &length);
    if (result == 0 && (length < 4 || memcmp(magic, "\177ELF", 4) != 0))
        what = why_not(magic, length);
    if (result == -ENOMEM || !what)
        result = result == -ENOMEM ? result : 0;
    else if (what == refused->message)
        result = thaw_shipped_fault(shipped, path, "%s", what);
    else
        result = thaw_shipped_remark(shipped, path, "%s", what);
    thaw_arena_free(&arena);
    return result;
}

/* DT_NEEDED, not yet resolved. */
static int take_needed(struct reading *reading, const struct thaw_library_reading *done,
                       struct thaw_shipped_library *library)
{
    struct thaw_shipped *shipped = reading->shipped;
    int result = 0;

    if (done->needed_all > done->needed_count)
        result = thaw_shipped_fault(shipped, library->path,
                                    "needs %zu libraries: only the first %zu are looked for",
                                    done->needed_all, done->needed_count);
    library->needed = thaw_arena_allocate(&shipped->memory->arena,
                                          (done->needed_count + 1) * sizeof(*library->needed));
    if (result < 0 || !library->needed)
        return -ENOMEM;
    for (size_t i = 0; i < done->needed_count; i++) {
        library->needed[i] = (struct thaw_shipped_needed){
            .name = done->needed[i],
            .resolved = "",
            .library = THAW_SHIPPED_NONE,
            .reason = "",
            .owner = "",
            .only_by = "",
            .missing_by = "",
        };
        reading->text_bytes += strlen(done->needed[i]) + sizeof(*library->needed);
    }
    library->needed_count = done->needed_count;
    for (size_t i = 0; i < library->section_count; i++)
        reading->text_bytes += strlen(library->sections[i].name) + sizeof(*library->sections);
    reading->text_bytes +=
        strlen(library->soname) + strlen(library->rpath) + strlen(library->runpath);
    return 0;
}

/* Another name of a file that is counted already: a strip saves nothing more there. */
static void count_nothing(struct thaw_shipped_library *library)
{
    library->bytes = library->debug_bytes = library->symbol_bytes = library->strip_bytes = 0;
    library->section_count = 0;
}

static int add_library(struct reading *reading, const struct thaw_library_reading *done)
{
    struct thaw_shipped *shipped = reading->shipped;
    struct thaw_shipped_file *file = &shipped->memory->files.items[done->file];
    struct thaw_library_extra *extra = thaw_array_add(&reading->extras);
    struct thaw_shipped_library *library = thaw_array_add(&shipped->memory->libraries);
    int result = 0;

    if (!extra || !library)
        return -ENOMEM;
    extra->abi = done->abi;
    *library = done->library;
    library->file = done->file;
    library->path = file->path;
    file->library = (uint32_t)shipped->memory->libraries.count - 1;
    file->kind = THAW_FILE_NATIVE;
    if (file->again)
        count_nothing(library);
    if (done->code == -EBADMSG)
        result = thaw_shipped_fault(shipped, file->path, "%s", done->message);
    return result < 0 ? result : take_needed(reading, done, library);
}

/* Of a zip's member that is no library by its name only the begin is inflated. */
static bool is_worth_inflating(struct reading *reading, uint32_t file)
{
    struct thaw_arena arena = {0};
    size_t length = 0;
    char *bytes = NULL;
    bool is_elf;

    if (!reading->shipped->memory->content->archive)
        return true;
    if (!thaw_library_is_name(thaw_tree_file_name(&reading->shipped->files[file]))) {
        is_elf = thaw_tree_read(reading->shipped, file, 4, &arena, &bytes, &length) == 0 &&
                 length == 4 && memcmp(bytes, "\177ELF", 4) == 0;
        thaw_arena_free(&arena);
        if (!is_elf)
            return false;
    }
    reading->inflated_bytes += reading->shipped->files[file].bytes;
    return true;
}

static int read_now(struct reading *reading, struct thaw_library_reading *ret)
{
    struct thaw_shipped *shipped = reading->shipped;
    int fd = thaw_content_open(shipped, ret->file);

    if (fd < 0)
        ret->code = fd;
    else
        thaw_library_reading_do(ret, fd, thaw_tree_file_name(&shipped->files[ret->file]),
                                &shipped->memory->arena);
    return ret->code == -ENOMEM ? -ENOMEM : 0;
}

static int read_file(struct reading *reading, uint32_t file)
{
    struct thaw_shipped *shipped = reading->shipped;
    struct thaw_library_reading own = {.file = file};
    const struct thaw_library_reading *done =
        thaw_library_readers_find(shipped->memory->readers, file);

    if (!done) {
        if (!is_worth_inflating(reading, file))
            return 0;
        if (read_now(reading, &own) < 0)
            return -ENOMEM;
        done = &own;
    }
    if (done->code == -ENOMEM)
        return -ENOMEM;
    if (!done->is_opened)
        return thaw_shipped_fault(shipped, shipped->files[file].path, "cannot be opened: %s",
                                  strerror(-done->code));
    return done->is_object ? add_library(reading, done) : refuse(reading, done);
}

static int read_files(struct reading *reading)
{
    struct thaw_shipped *shipped = reading->shipped;
    int result = 0;

    for (size_t i = 0; result == 0 && i < reading->files.count; i++) {
        if (shipped->memory->libraries.count >= LIBRARIES_MAX ||
            reading->text_bytes > TEXT_BYTES_MAX || reading->inflated_bytes > INFLATED_BYTES_MAX)
            return thaw_shipped_fault(shipped, shipped->files[reading->files.items[i]].path,
                                      "more shared objects than thaw reads: this one and those "
                                      "behind it are not");
        result = read_file(reading, reading->files.items[i]);
    }
    return result;
}

int thaw_shipped_libraries(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct reading reading = {.shipped = shipped};
    int result = 0;

    shipped->without_libraries = shipped->memory->options->without_libraries;
    if (shipped->without_libraries)
        return 0;
    if (shipped->memory->readers)
        thaw_library_readers_wait(shipped->memory->readers);
    result = find_files(&reading);
    if (result == 0)
        result = read_files(&reading);
    if (result == 0)
        result = thaw_library_closure(shipped, reading.extras.items, error);
    thaw_array_free(&reading.files);
    thaw_array_free(&reading.extras);
    return result < 0 ? thaw_error_memory(error) : 0;
}
