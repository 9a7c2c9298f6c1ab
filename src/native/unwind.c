/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libunwind-x86_64.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/array.h"
#include "native/image.h"
#include "native/unwind.h"

/* Words that are read for one stack: a hostile file's expressions could go round for ever. */
#define READS_MOST 400000
/* Code at a program's entry that says nothing of callers: the C library's first function. */
#define ENTRY_BYTES 64

/* libunwind's own search of a table in the other process; exported, but in no header of it. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t address,
                                              unw_dyn_info_t *table, unw_proc_info_t *ret,
                                              int need_unwind_info, void *context);
#define search_table UNW_OBJ(dwarf_search_unwind_table)

/* A file that was mapped; image NULL: it can't be read. */
struct file {
    char *path;
    struct thaw_image *image;
    UT_hash_handle hh;
};

/* A file where the process has it. */
struct module {
    uint64_t start;
    uint64_t end; /* of its code */
    uint64_t bias;
    struct thaw_image *image;
};

struct thaw_unwinder {
    unw_addr_space_t space;
    struct file *files;
    size_t spent;
    uint64_t since_ns;
    uint64_t version; /* of the process's mappings that modules are of */
    THAW_ARRAY(struct module) modules;
    struct module *last; /* whose bytes were read last, NULL none */
    const struct thaw_unwind_input *input;
    size_t reads;
    bool beyond; /* the stack was read behind the copy's end */
    bool
        guessing; /* no table tells of the function: libunwind then follows RBP, which holds data */
};

static struct thaw_image *image_of(struct thaw_unwinder *unwinder, const char *path)
{
    struct file *file;

    HASH_FIND_STR(unwinder->files, path, file);
    if (file)
        return file->image;
    file = calloc(1, sizeof(*file));
    if (file)
        file->path = strdup(path);
    if (!file || !file->path) {
        free(file);
        return NULL;
    }
    thaw_image_open(path, &unwinder->spent, &file->image); /* NULL: it can't be read */
    HASH_ADD_KEYPTR(hh, unwinder->files, file->path, strlen(file->path), file);
    if (file->hh.tbl)
        return file->image;
    thaw_image_close(file->image);
    free(file->path);
    free(file);
    return NULL;
}

static bool is_other(const struct thaw_unwinder *unwinder, const struct thaw_image *image,
                     const struct thaw_space_piece *piece)
{
    return thaw_object_is_other(thaw_image_object(image), piece->device, piece->inode,
                                unwinder->since_ns);
}

/* The process has other mappings than that of the last stack: what libunwind keeps is not of them.
 */
static void take_modules(struct thaw_unwinder *unwinder, const struct thaw_spaces *spaces,
                         uint32_t process)
{
    size_t count;
    const struct thaw_space_piece *pieces = thaw_spaces_pieces(spaces, process, &count);

    unwinder->modules.count = 0;
    unwinder->last = NULL;
    unw_flush_cache(unwinder->space, 0, 0);
    for (size_t i = 0; i < count; i++) {
        struct thaw_image *image = image_of(unwinder, pieces[i].path);
        struct module *module;
        uint64_t address;

        if (!image || is_other(unwinder, image, &pieces[i]) ||
            !thaw_image_address(image, pieces[i].offset, &address))
            continue;
        module = thaw_array_add(&unwinder->modules);
        if (!module) /* chains end there: broken */
            return;
        *module = (struct module){pieces[i].start, pieces[i].end, pieces[i].start - address, image};
    }
    unwinder->version = thaw_spaces_version(spaces, process);
}

/* Pieces are in order of their addresses. */
static struct module *module_at(struct thaw_unwinder *unwinder, uint64_t address)
{
    size_t low = 0, high = unwinder->modules.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct module *module = &unwinder->modules.items[middle];

        if (address < module->start)
            high = middle;
        else if (address >= module->end)
            low = middle + 1;
        else
            return module;
    }
    return NULL;
}

static int find_in_table(struct thaw_unwinder *unwinder, unw_word_t address, unw_proc_info_t *ret,
                         int need_unwind_info)
{
    struct module *module = module_at(unwinder, address);
    const struct thaw_frame_table *table = module ? thaw_image_table(module->image) : NULL;
    unw_dyn_info_t info = {0};

    if (!table || !table->count)
        return -UNW_ENOINFO;
    unwinder->last = module;
    info.start_ip = module->start;
    info.end_ip = module->end;
    info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
    info.u.rti.segbase = module->bias + table->address;
    info.u.rti.table_data = module->bias + table->entries;
    info.u.rti.table_len = table->count * 8 / sizeof(unw_word_t); /* an entry has 8 bytes */
    return search_table(unwinder->space, address, &info, ret, need_unwind_info, unwinder);
}

static int find_proc_info(unw_addr_space_t space, unw_word_t address, unw_proc_info_t *ret,
                          int need_unwind_info, void *context)
{
    struct thaw_unwinder *unwinder = context;
    int code = find_in_table(unwinder, address, ret, need_unwind_info);

    (void)space;
    unwinder->guessing |= code != 0;
    return code;
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *info, void *context)
{
    (void)space;
    (void)info;
    (void)context;
}

static int no_dynamic_info(unw_addr_space_t space, unw_word_t *ret, void *context)
{
    (void)space;
    (void)ret;
    (void)context;
    return -UNW_ENOINFO;
}

/* Of a file: its read-only parts lie around its code, not always in the same mapping. */
static bool read_file(struct thaw_unwinder *unwinder, uint64_t address, uint64_t *ret)
{
    if (unwinder->last &&
        thaw_image_word(unwinder->last->image, address - unwinder->last->bias, ret))
        return true;
    for (size_t i = 0; i < unwinder->modules.count; i++) {
        struct module *module = &unwinder->modules.items[i];

        if (!thaw_image_word(module->image, address - module->bias, ret))
            continue;
        unwinder->last = module;
        return true;
    }
    return false;
}

static int access_memory(unw_addr_space_t space, unw_word_t address, unw_word_t *value, int write,
                         void *context)
{
    struct thaw_unwinder *unwinder = context;
    const struct thaw_unwind_input *input = unwinder->input;
    uint64_t inside = address - input->registers[THAW_UNWIND_STACK_POINTER];
    uint64_t word;

    (void)space;
    if (write || ++unwinder->reads > READS_MOST)
        return -UNW_EINVAL;
    if (input->stack_bytes >= sizeof(word) && inside <= input->stack_bytes - sizeof(word)) {
        memcpy(&word, input->stack + inside, sizeof(word));
    } else if (!read_file(unwinder, address, &word)) {
        unwinder->beyond = inside < (uint64_t)64 << 20; /* in no file, and above the copy */
        return -UNW_EINVAL;
    }
    *value = word;
    return 0;
}

static int access_register(unw_addr_space_t space, unw_regnum_t number, unw_word_t *value,
                           int write, void *context)
{
    const struct thaw_unwinder *unwinder = context;

    (void)space;
    if (write || number < 0 || number >= THAW_UNWIND_REGISTERS)
        return -UNW_EBADREG;
    *value = unwinder->input->registers[number];
    return 0;
}

static int no_float_register(unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value,
                             int write, void *context)
{
    (void)space;
    (void)number;
    (void)value;
    (void)write;
    (void)context;
    return -UNW_EBADREG;
}

static int no_resume(unw_addr_space_t space, unw_cursor_t *cursor, void *context)
{
    (void)space;
    (void)cursor;
    (void)context;
    return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t space, unw_word_t address, char *name, size_t size,
                   unw_word_t *offset, void *context)
{
    (void)space;
    (void)address;
    (void)name;
    (void)size;
    (void)offset;
    (void)context;
    return -UNW_ENOINFO;
}

int thaw_unwinder_open(struct thaw_unwinder **ret, uint64_t since_ns, struct thaw_error *error)
{
    static unw_accessors_t accessors = {
        .find_proc_info = find_proc_info,
        .put_unwind_info = put_unwind_info,
        .get_dyn_info_list_addr = no_dynamic_info,
        .access_mem = access_memory,
        .access_reg = access_register,
        .access_fpreg = no_float_register,
        .resume = no_resume,
        .get_proc_name = no_name,
    };
    struct thaw_unwinder *unwinder = calloc(1, sizeof(*unwinder));

    if (!unwinder)
        return thaw_error_memory(error);
    unwinder->since_ns = since_ns;
    unwinder->space = unw_create_addr_space(&accessors, 0);
    if (!unwinder->space) {
        free(unwinder);
        return thaw_error_memory(error);
    }
    /* Without it a stack takes three times as long (facts: native-and-cost.md). */
    unw_set_caching_policy(unwinder->space, UNW_CACHE_GLOBAL);
    *ret = unwinder;
    return 0;
}

/* Does the function around the address say that nobody calls it, or does the program begin there?
 */
static bool is_outermost(struct thaw_unwinder *unwinder, uint64_t address)
{
    struct module *module = module_at(unwinder, address);
    uint64_t inside = module ? address - module->bias : 0, entry;

    if (!module)
        return false;
    if (thaw_frame_table_outermost(thaw_image_object(module->image),
                                   thaw_image_table(module->image), inside))
        return true;
    entry = thaw_object_entry(thaw_image_object(module->image));
    return entry && inside >= entry && inside - entry < ENTRY_BYTES;
}

static size_t follow(struct thaw_unwinder *unwinder, unw_cursor_t *cursor,
                     uint64_t frames[static THAW_UNWIND_FRAMES_MOST], int *ret_code)
{
    size_t count = 1;
    unw_word_t address;

    for (*ret_code = 1; count < THAW_UNWIND_FRAMES_MOST;) {
        *ret_code = unw_step(cursor);
        if (unwinder->guessing)
            *ret_code = *ret_code < 0 ? *ret_code : -UNW_ENOINFO;
        if (*ret_code <= 0 || unw_get_reg(cursor, UNW_REG_IP, &address) || !address)
            break;
        frames[count++] = address;
    }
    return count;
}

static enum thaw_unwind_end end_of(struct thaw_unwinder *unwinder, const uint64_t *frames,
                                   size_t count, int code)
{
    if (count == THAW_UNWIND_FRAMES_MOST || (code < 0 && unwinder->beyond && !unwinder->guessing))
        return THAW_UNWIND_TRUNCATED;
    /* a return address is behind the call, which may be a function's last instruction */
    return !code && is_outermost(unwinder, frames[count - 1] - (count > 1)) ? THAW_UNWIND_COMPLETE
                                                                            : THAW_UNWIND_BROKEN;
}

/* What the kernel puts in the place of a return address where it watches a function's return: the
 * address itself is kept where nobody sees it. */
static bool is_trampoline(const struct thaw_spaces *spaces, uint32_t process, uint64_t address)
{
    const struct thaw_space_piece *piece = thaw_spaces_find(spaces, process, address);

    return piece && !strcmp(piece->path, "[uprobes]");
}

size_t thaw_unwind(struct thaw_unwinder *unwinder, const struct thaw_spaces *spaces,
                   uint32_t process, const struct thaw_unwind_input *input,
                   uint64_t frames[static THAW_UNWIND_FRAMES_MOST], enum thaw_unwind_end *ret_end)
{
    uint64_t version = thaw_spaces_version(spaces, process);
    unw_cursor_t cursor;
    size_t count = 1;
    int code;

    if (version != unwinder->version || !version)
        take_modules(unwinder, spaces, process);
    unwinder->input = input;
    unwinder->reads = 0;
    unwinder->beyond = unwinder->guessing = false;
    frames[0] = input->registers[THAW_UNWIND_ADDRESS];
    code = unw_init_remote(&cursor, unwinder->space, unwinder);
    if (!code)
        count = follow(unwinder, &cursor, frames, &code);
    if (count > 1 && is_trampoline(spaces, process, frames[count - 1])) {
        *ret_end = THAW_UNWIND_PROBED;
        return count - 1;
    }
    *ret_end = end_of(unwinder, frames, count, code);
    return count;
}

bool thaw_unwinder_replaced(const struct thaw_unwinder *unwinder, const struct thaw_spaces *spaces,
                            uint32_t process, uint64_t address)
{
    const struct thaw_space_piece *piece = thaw_spaces_find(spaces, process, address);
    struct file *file = NULL;

    if (piece)
        HASH_FIND_STR(unwinder->files, piece->path, file);
    return file && file->image && is_other(unwinder, file->image, piece);
}

const char *thaw_unwind_end_name(enum thaw_unwind_end end)
{
    static const char *const names[] = {
        [THAW_UNWIND_COMPLETE] = "complete",
        [THAW_UNWIND_TRUNCATED] = "truncated",
        [THAW_UNWIND_PROBED] = "probed",
        [THAW_UNWIND_BROKEN] = "broken",
    };

    return names[end];
}

void thaw_unwinder_close(struct thaw_unwinder *unwinder)
{
    struct file *file, *next;

    if (!unwinder)
        return;
    HASH_ITER(hh, unwinder->files, file, next)
    {
        HASH_DEL(unwinder->files, file);
        thaw_image_close(file->image);
        free(file->path);
        free(file);
    }
    thaw_array_free(&unwinder->modules);
    unw_destroy_addr_space(unwinder->space);
    free(unwinder);
}
