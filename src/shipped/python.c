/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "native/root.h"
#include "packaging/machine.h"
#include "shipped/content.h"
#include "shipped/environments.h"
#include "shipped/tree.h"

#define CONFIGURATION_BYTES_MAX ((size_t)64 << 10)
#define MINORS 64
#define OBJECTS_MAX 16 /* whose ELF header is read when no name tells the machine */

/* A machine as wheels' tags and extension modules' names have it, and e_machine of ELF. */
static const struct machine {
    const char *name;
    const char *in_names; /* "-x86_64-": in "_x.cpython-311-x86_64-linux-gnu.so" */
    uint16_t elf;
} machines[] = {
    {"x86_64", "-x86_64-", EM_X86_64},
    {"aarch64", "-aarch64-", EM_AARCH64},
    {"i686", "-i386-", EM_386},
    {"armv7l", "-arm-", EM_ARM},
    {"ppc64le", "-powerpc64le-", EM_PPC64},
    {"s390x", "-s390x-", EM_S390},
    {"riscv64", "-riscv64-", EM_RISCV},
};

#define MACHINES (sizeof(machines) / sizeof(machines[0]))

/* How many files speak for each. */
struct votes {
    uint64_t minors[MINORS];    /* by extension modules' names: "cpython-3NN" */
    uint64_t bytecodes[MINORS]; /* by bytecode's names */
    uint64_t machines[MACHINES];
};

static bool set_text(struct thaw_shipped *shipped, const char **text, const char *bytes,
                     size_t length)
{
    *text = thaw_arena_text(&shipped->memory->arena, bytes, length);
    return *text != NULL;
}

/* "3.11.7", "3.11.7.final.0", "3.11": what of it is digits is the version. */
static bool set_version(struct thaw_shipped *shipped, const char *text, const char *evidence)
{
    struct thaw_shipped_python *python = &shipped->python;
    size_t major = strspn(text, "0123456789");
    size_t minor = text[major] == '.' ? strspn(text + major + 1, "0123456789") : 0;
    size_t length = major + 1 + minor, patch;

    if (!major || !minor || length > 16)
        return true;
    patch = text[length] == '.' ? strspn(text + length + 1, "0123456789") : 0;
    python->evidence = evidence;
    return set_text(shipped, &python->version, text, length) &&
           set_text(shipped, &python->full_version, text, patch ? length + 1 + patch : 0);
}

static bool set_minor(struct thaw_shipped *shipped, unsigned minor, const char *evidence)
{
    char text[32];

    snprintf(text, sizeof(text), "3.%u", minor);
    return set_version(shipped, text, evidence);
}

struct environment {
    const char *home;
    const char *executable;
};

/* The root folder's pyvenv.cfg. */
static int read_environment(struct thaw_shipped *shipped, const char *folder,
                            struct environment *environment)
{
    const char *path = thaw_tree_join(shipped, folder, "pyvenv.cfg"), *value;
    uint32_t file = path ? thaw_content_find(shipped, path) : THAW_SHIPPED_NONE;
    char *bytes;
    size_t length;
    int result;

    if (!path)
        return -ENOMEM;
    if (file == THAW_SHIPPED_NONE)
        return 0;
    result = thaw_content_read(shipped, file, CONFIGURATION_BYTES_MAX, &bytes, &length);
    if (result < 0)
        return result == -ENOMEM ? result
                                 : thaw_shipped_fault(shipped, path, "%s", strerror(-result));
    for (const char *line = bytes, *end = bytes + length; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = next ? (size_t)(next - line) : (size_t)(end - line);
        size_t found = thaw_environment_setting(line, size, "home", &value);
        bool fine = true;

        if (found) {
            fine = set_text(shipped, &environment->home, value, found);
        } else if ((found = thaw_environment_setting(line, size, "executable", &value))) {
            fine = set_text(shipped, &environment->executable, value, found);
        } else if ((found = thaw_environment_setting(line, size, "version", &value)) ||
                   (found = thaw_environment_setting(line, size, "version_info", &value))) {
            fine = set_version(shipped, value, "pyvenv.cfg");
        }
        if (!fine)
            return -ENOMEM;
        line += size + 1;
    }
    return 0;
}

/* The minor in a folder's name "python3.11", 0 it is none. */
static unsigned folder_minor(const char *name, size_t length)
{
    static const char stem[] = "python3.";
    size_t size = sizeof(stem) - 1, digits;

    if (length <= size || length > size + 2 || strncmp(name, stem, size) != 0)
        return 0;
    digits = strspn(name + size, "0123456789");
    return digits == length - size ? (unsigned)strtoul(name + size, NULL, 10) : 0;
}

static unsigned path_minor(const char *path)
{
    unsigned found = 0;

    while (*path) {
        size_t length = strcspn(path, "/");
        unsigned minor = folder_minor(path, length);

        found = minor ? minor : found;
        path += length + (path[length] == '/');
    }
    return found;
}

/* The folder python3.NN that holds most files, of those allowed (NULL: all), or 0. */
static unsigned minor_of_folders(const struct thaw_shipped *shipped, const bool *allowed)
{
    const struct thaw_content *content = shipped->memory->content;
    uint64_t files[100] = {0};
    unsigned best = 0;

    for (size_t i = 0; i < shipped->folder_count; i++) {
        const char *name = thaw_tree_name(shipped->folders[i].path);
        unsigned minor = folder_minor(name, strlen(name));

        if (minor && (!allowed || allowed[minor]))
            files[minor] +=
                content->folders.items[i].file_end - content->folders.items[i].first_file;
    }
    for (unsigned i = 1; i < sizeof(files) / sizeof(files[0]); i++)
        best = files[i] > files[best] ? i : best;
    return best;
}

/* The interpreter in the target's own bin: of several the one whose library has most files. */
static unsigned minor_of_programs(const struct thaw_shipped *shipped)
{
    static const char *const places[] = {"usr/local/bin", "local/bin", "usr/bin", "bin"};
    const struct thaw_content *content = shipped->memory->content;

    for (size_t place = 0; place < sizeof(places) / sizeof(places[0]); place++) {
        uint32_t folder = thaw_tree_find_folder(shipped, places[place], strlen(places[place]));
        bool found[100] = {false};
        unsigned last = 0, best;
        const struct thaw_tree_folder *extra;

        if (folder == THAW_SHIPPED_NONE)
            continue;
        extra = &content->folders.items[folder];
        for (uint32_t i = 0; i < extra->file_count + extra->link_count; i++) {
            uint32_t link = i - extra->file_count;
            const char *name = thaw_tree_name(
                i < extra->file_count ? shipped->files[extra->first_file + i].path
                                      : content->links.items[extra->first_link + link].path);
            unsigned minor = folder_minor(name, strlen(name));

            found[minor] = true;
            last = minor > last ? minor : last;
        }
        best = last ? minor_of_folders(shipped, found) : 0;
        if (last)
            return best ? best : last;
    }
    return 0;
}

/* A target that lies in a folder python3.NN has that. */
static unsigned minor_of_target(struct thaw_shipped *shipped)
{
    const struct thaw_content *content = shipped->memory->content;
    unsigned minor = 0;

    for (size_t i = 0; i < content->roots.count && !minor; i++) {
        const struct thaw_tree_root *root = &content->roots.items[i];
        const char *path = root->path;

        if (!*path && root->fd >= 0)
            path = thaw_root_path("", root->fd, &shipped->memory->arena);
        minor = path ? path_minor(path) : 0;
    }
    return minor;
}

/* The minor behind "cpython-3" in a name, 0: it does not say. */
static unsigned tagged_minor(const char *name)
{
    const char *at = strstr(name, ".cpython-3");
    unsigned minor = 0;

    if (!at)
        return 0;
    for (at += strlen(".cpython-3"); isdigit((unsigned char)*at) && minor < MINORS; at++)
        minor = minor * 10 + (unsigned)(*at - '0');
    return minor < MINORS ? minor : 0;
}

static void count_votes(const struct thaw_shipped *shipped, struct votes *votes)
{
    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        const char *name;

        if (file->kind != THAW_FILE_NATIVE && file->kind != THAW_FILE_BYTECODE)
            continue;
        name = thaw_tree_file_name(file);
        if (file->kind == THAW_FILE_BYTECODE) {
            votes->bytecodes[tagged_minor(name)]++;
            continue;
        }
        votes->minors[tagged_minor(name)]++;
        for (size_t j = 0; j < MACHINES; j++)
            votes->machines[j] += strstr(name, machines[j].in_names) != NULL;
    }
}

/* The index with the most votes, 0 is not asked for unless it is allowed. */
static size_t most(const uint64_t *votes, size_t first, size_t count)
{
    size_t best = first;

    for (size_t i = first; i < count; i++)
        best = votes[i] > votes[best] ? i : best;
    return best;
}

const char *thaw_shipped_machine_of(const unsigned char *header, size_t length)
{
    uint16_t number;

    if (length < EI_NIDENT + 4 || memcmp(header, ELFMAG, SELFMAG) != 0)
        return "";
    number = header[EI_DATA] == ELFDATA2MSB
                 ? (uint16_t)(header[EI_NIDENT + 2] << 8 | header[EI_NIDENT + 3])
                 : (uint16_t)(header[EI_NIDENT + 3] << 8 | header[EI_NIDENT + 2]);
    for (size_t i = 0; i < MACHINES; i++) {
        if (machines[i].elf == number)
            return machines[i].name;
    }
    return "";
}

static void read_machine(const struct thaw_shipped *shipped, uint32_t file, struct votes *votes)
{
    unsigned char header[EI_NIDENT + 4];
    int fd = thaw_content_open(shipped, file);
    const char *name;

    if (fd < 0)
        return;
    if (pread(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header)) {
        name = thaw_shipped_machine_of(header, sizeof(header));
        for (size_t i = 0; i < MACHINES; i++)
            votes->machines[i] += strcmp(machines[i].name, name) == 0;
    }
    close(fd);
}

static int tell_machine(struct thaw_shipped *shipped, struct votes *votes)
{
    const char *asked = shipped->memory->options->machine;
    size_t best = most(votes->machines, 0, MACHINES), read = 0;
    struct utsname own;

    if (!asked || !*asked) {
        for (uint32_t i = 0; !votes->machines[best] && i < shipped->file_count; i++) {
            if (shipped->files[i].kind != THAW_FILE_NATIVE || read++ >= OBJECTS_MAX)
                continue;
            read_machine(shipped, i, votes);
        }
        best = most(votes->machines, 0, MACHINES);
        shipped->python.is_machine_assumed = !votes->machines[best];
        asked = votes->machines[best] ? machines[best].name : uname(&own) == 0 ? own.machine : "";
    }
    if (thaw_machine_tag(asked))
        asked = thaw_machine_tag(asked);
    return set_text(shipped, &shipped->python.machine, asked, strlen(asked)) ? 0 : -ENOMEM;
}

/* A file that could be run, below the target's root folder; it is not opened: pyvenv.cfg may name a
 * FIFO or a device. */
static bool is_there(const struct thaw_shipped *shipped, const char *path)
{
    const char *root = shipped->memory->options->root;
    struct stat status;
    int fd = thaw_root_locate(root ? root : "", path);
    bool there = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);

    if (fd >= 0)
        close(fd);
    return there;
}

/* Where the interpreter would be. */
static int tell_executable(struct thaw_shipped *shipped, const struct environment *environment)
{
    static const char *const inside[] = {"usr/local/bin/", "usr/bin/", "opt/python/bin/"};
    struct thaw_shipped_python *python = &shipped->python;
    const char *asked = shipped->memory->options->executable;
    const char *path = asked && *asked ? asked : environment->executable;

    if (!path && environment->home)
        path = thaw_arena_format(&shipped->memory->arena, "%s/python%s", environment->home,
                                 *python->version ? python->version : "3");
    else if (!path && !*python->version)
        return 0;
    for (size_t i = 0; !path && i < sizeof(inside) / sizeof(inside[0]); i++) {
        const char *name =
            thaw_arena_format(&shipped->memory->arena, "%spython%s", inside[i], python->version);

        if (!name)
            return -ENOMEM;
        if (thaw_content_find(shipped, name) != THAW_SHIPPED_NONE) {
            python->executable = name;
            return 0;
        }
    }
    if (path && *path == '/' && is_there(shipped, path))
        python->executable = path;
    return 0;
}

static int tell_version(struct thaw_shipped *shipped, const struct votes *votes)
{
    const char *asked = shipped->memory->options->python_version;
    const struct {
        unsigned minor;
        const char *evidence;
    } rows[] = {
        {minor_of_target(shipped), "the target's own path"},
        {minor_of_programs(shipped), "the target's own bin/python3.N"},
        {minor_of_folders(shipped, NULL), "the folder python3.N with most files"},
        {(unsigned)most(votes->minors, 1, MINORS), "most extension modules"},
        {(unsigned)most(votes->bytecodes, 1, MINORS), "most bytecode"},
    };

    if (asked && *asked)
        return set_version(shipped, asked, "as asked for") ? 0 : -ENOMEM;
    if (*shipped->python.version)
        return 0; /* pyvenv.cfg said it */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool counted = i == 3   ? votes->minors[rows[i].minor] > 0
                       : i == 4 ? votes->bytecodes[rows[i].minor] > 0
                                : rows[i].minor > 0;

        if (counted)
            return set_minor(shipped, rows[i].minor, rows[i].evidence) ? 0 : -ENOMEM;
    }
    return 0;
}

int thaw_shipped_python(struct thaw_shipped *shipped, struct thaw_error *error)
{
    const struct thaw_content *content = shipped->memory->content;
    struct environment environment = {0};
    struct votes votes = {{0}, {0}, {0}};
    int result = 0;

    shipped->python = (struct thaw_shipped_python){.version = "",
                                                   .full_version = "",
                                                   .implementation = "cpython",
                                                   .machine = "",
                                                   .c_library = {.kind = THAW_C_LIBRARY_GLIBC},
                                                   .executable = "",
                                                   .evidence = "nothing tells it"};
    for (size_t i = 0; result == 0 && i < content->roots.count && !environment.home; i++)
        result = read_environment(shipped, content->roots.items[i].path, &environment);
    count_votes(shipped, &votes);
    if (result == 0)
        result = tell_version(shipped, &votes);
    if (result == 0)
        result = tell_machine(shipped, &votes);
    if (result == 0)
        result = tell_executable(shipped, &environment);
    return result < 0 ? thaw_error_memory(error) : 0;
}
