/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_user_space.h"

#include "../../bpf/python.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe_replay.h"

#define MAP_ENTRIES 8
#define PIECES 256
#define KEY_MOST 24
#define PAGES 64

struct piece {
    __u64 address;
    size_t length;
    __u8 *bytes;
};

/* A map's entries, in order of their coming. */
struct store {
    void *map;
    size_t key_size, value_size;
    bool is_array; /* every key is there */
    size_t count;
    struct {
        __u8 key[KEY_MOST];
        void *value;
    } entries[MAP_ENTRIES];
};

#define STORE(map, array)                                                                          \
    {                                                                                              \
        &(map), sizeof(*(map).key), sizeof(*(map).value), array, 0,                                \
        {                                                                                          \
            {                                                                                      \
                {0}, 0                                                                             \
            }                                                                                      \
        }                                                                                          \
    }

static struct store stores[] = {
    STORE(processes, false),   STORE(threads, false),       STORE(rates, false),
    STORE(blank_thread, true), STORE(python_layouts, true), STORE(narrowed, true),
    STORE(losses, true),       STORE(folders, false),       STORE(folder_count, true),
};

#define STORES (sizeof(stores) / sizeof(stores[0]))

static struct piece pieces[PIECES];
static size_t piece_count;
static bool cold;
static __u64 touched[PAGES]; /* pages that were fetched */
static size_t touched_count;
static __u64 cookie, now_ns;
static struct {
    size_t size;
    __u8 bytes[sizeof(struct thaw_kernel_body_begin)];
} records[REPLAY_RECORDS];
static size_t record_count;
static struct thread library_thread;

static struct store *store_of(const void *map)
{
    for (size_t i = 0; i < STORES; i++)
        if (stores[i].map == map)
            return &stores[i];
    abort(); /* a map that the programs of Python don't use */
}

static void *add_entry(struct store *store, const void *key)
{
    size_t slot = store->count++;

    if (slot == MAP_ENTRIES)
        abort();
    memcpy(store->entries[slot].key, key, store->key_size);
    store->entries[slot].value = calloc(1, store->value_size);
    return store->entries[slot].value;
}

static void *bpf_map_lookup_elem(void *map, const void *key)
{
    struct store *store = store_of(map);

    for (size_t i = 0; i < store->count; i++)
        if (!memcmp(store->entries[i].key, key, store->key_size))
            return store->entries[i].value;
    return store->is_array ? add_entry(store, key) : NULL;
}

static long bpf_map_update_elem(void *map, const void *key, const void *value,
                                unsigned long long flags)
{
    struct store *store = store_of(map);
    void *there = bpf_map_lookup_elem(map, key);

    if (there && flags == BPF_NOEXIST)
        return -EEXIST;
    memcpy(there ? there : add_entry(store, key), value, store->value_size);
    return 0;
}

/* The memory at an address, and how much there is of it; NULL none. */
static const __u8 *memory_at(__u64 address, size_t *length)
{
    for (size_t i = piece_count; i > 0; i--) {
        const struct piece *piece = &pieces[i - 1];

        if (address < piece->address || address - piece->address >= piece->length)
            continue;
        *length = piece->length - (size_t)(address - piece->address);
        return piece->bytes + (address - piece->address);
    }
    return NULL;
}

static long bpf_copy_from_user(void *to, unsigned size, const void *from)
{
    size_t there;
    const __u8 *bytes = memory_at((__u64)from, &there);

    memset(to, 0, size); /* as the kernel does where it fails */
    if (!bytes || there < size)
        return size ? -EFAULT : 0;
    if (touched_count < PAGES)
        touched[touched_count++] = (__u64)from / USER_PAGE_BYTES;
    memcpy(to, bytes, size);
    return 0;
}

static long bpf_probe_read_user(void *to, unsigned size, const void *from)
{
    if (!cold)
        return bpf_copy_from_user(to, size, from);
    memset(to, 0, size);
    return -EFAULT;
}

static bool is_touched(__u64 address)
{
    for (size_t i = 0; i < touched_count; i++)
        if (touched[i] == address / USER_PAGE_BYTES)
            return true;
    return !cold;
}

static long bpf_probe_read_user_str(void *to, unsigned size, const void *from)
{
    size_t there, length;
    const __u8 *bytes = memory_at((__u64)from, &there);

    if (!bytes || !size)
        return -EFAULT;
    length = strnlen((const char *)bytes, there < size - 1 ? there : size - 1);
    if (!is_touched((__u64)from) || !is_touched((__u64)from + length))
        return -EFAULT;
    memcpy(to, bytes, length);
    ((char *)to)[length] = '\0';
    return (long)length + 1;
}

static long bpf_loop(unsigned rounds, void *round, void *context, unsigned long long flags)
{
    long (*call)(__u32, void *) = round;

    (void)flags;
    for (unsigned i = 0; i < rounds; i++)
        if (call(i, context))
            return i + 1;
    return rounds;
}

static long bpf_ringbuf_output(void *ring, void *record, unsigned long long size,
                               unsigned long long flags)
{
    (void)ring, (void)flags;
    if (record_count == REPLAY_RECORDS || size > sizeof(records[0].bytes))
        return -EAGAIN;
    records[record_count].size = size;
    memcpy(records[record_count++].bytes, record, size);
    return 0;
}

static unsigned long long bpf_ringbuf_query(void *ring, unsigned long long flags)
{
    (void)ring, (void)flags;
    return 0;
}

static unsigned long long bpf_get_attach_cookie(void *context)
{
    (void)context;
    return cookie;
}

static unsigned long long bpf_get_current_pid_tgid(void)
{
    return (__u64)REPLAY_PROCESS << 32 | REPLAY_PROCESS;
}

static unsigned long long bpf_ktime_get_boot_ns(void)
{
    return ++now_ns;
}

static void *bpf_get_current_task_btf(void)
{
    static struct task_struct task = {.min_flt = REPLAY_FAULTS};

    return &task;
}

static void empty(struct store *store)
{
    while (store->count)
        free(store->entries[--store->count].value);
}

void replay_begin(const struct thaw_python_layout *layout)
{
    memset(&library_thread, 0, sizeof(library_thread));
    __u32 process = REPLAY_PROCESS, minor = layout->minor;
    struct thaw_kernel_process traced = {0};

    for (size_t i = 0; i < STORES; i++)
        empty(&stores[i]);
    replay_forget_memory();
    record_count = 0;
    cookie = minor;
    bpf_map_update_elem(&processes, &process, &traced, BPF_ANY);
    bpf_map_update_elem(&python_layouts, &minor, layout, BPF_ANY);
}

void replay_forget_memory(void)
{
    while (piece_count)
        free(pieces[--piece_count].bytes);
    cold = false;
    touched_count = 0;
}

void replay_cold_memory(void)
{
    cold = true;
}

void replay_memory(uint64_t address, const void *bytes, size_t length)
{
    struct piece *last = piece_count ? &pieces[piece_count - 1] : NULL;

    if (!last || address != last->address + last->length) {
        if (piece_count == PIECES)
            abort();
        last = &pieces[piece_count++];
        *last = (struct piece){.address = address};
    }
    last->bytes = realloc(last->bytes, last->length + length);
    memcpy(last->bytes + last->length, bytes, length);
    last->length += length;
}

static const struct thaw_python_layout *layout_now(void)
{
    __u32 minor = (__u32)cookie;

    return bpf_map_lookup_elem(&python_layouts, &minor);
}

/* Of that many characters, with length bytes there. */
static void put_text(uint64_t address, const void *bytes, size_t length, uint64_t characters,
                     unsigned width, bool ascii)
{
    const struct thaw_python_layout *layout = layout_now();
    __u32 state = width << layout->text_kind_shift | (__u32)ascii << layout->text_ascii_shift;
    size_t data = ascii ? layout->text_ascii_data : layout->text_compact_data;
    __u8 head[64] = {0};

    memcpy(head + layout->text_length, &characters, 8);
    memcpy(head + layout->text_state, &state, 4);
    replay_memory(address, head, data);
    replay_memory(address + data, bytes, length);
}

void replay_text(uint64_t address, const void *bytes, size_t length, unsigned width, bool ascii)
{
    put_text(address, bytes, length, width ? length / width : length, width, ascii);
}

void replay_ascii(uint64_t address, const char *text)
{
    char padded[512] = {0};

    memcpy(padded, text, strlen(text)); /* eight characters are read at once */
    put_text(address, padded, strlen(text) + 8, strlen(text), 1, true);
}

static void run(enum replay_probe probe, struct pt_regs *registers)
{
    switch (probe) {
    case REPLAY_FIND_CALL:
        find_call(registers, registers->sp);
        break;
    case REPLAY_FIND_RETURN:
        find_return(registers);
        break;
    case REPLAY_BODY_CALL:
        body_call(registers);
        break;
    case REPLAY_BODY_RETURN:
        body_return(registers);
        break;
    case REPLAY_INIT_CALL:
        init_call(registers, INIT_CODE);
        break;
    case REPLAY_INIT_RETURN:
        init_return(registers);
        break;
    case REPLAY_CREATE_CALL:
        init_call(registers, INIT_CREATE);
        break;
    case REPLAY_MADE_CALL:
        init_call(registers, INIT_MADE);
        break;
    case REPLAY_LAZY_CALL:
        lazy_call(registers);
        break;
    case REPLAY_LAZY_RETURN:
        lazy_return(registers);
        break;
    case REPLAY_UNMARSHAL_CALL:
        marshal_call(registers, THAW_KERNEL_UNMARSHAL);
        break;
    case REPLAY_MARSHAL_CALL:
        marshal_call(registers, THAW_KERNEL_MARSHAL);
        break;
    case REPLAY_GC_CALL:
        gc_call(registers);
        break;
    case REPLAY_GC_RETURN:
        gc_return(STACK_AT_CALL(registers));
        break;
    }
}

void replay_run(enum replay_probe probe, const struct replay_registers *registers,
                unsigned result_register)
{
    struct pt_regs full = {.di = registers->di,
                           .si = registers->si,
                           .dx = registers->dx,
                           .ax = registers->ax,
                           .bx = registers->bx,
                           .sp = registers->sp};
    __u64 before = cookie;

    cookie = THAW_COOKIE(THAW_COOKIE_MINOR(cookie), result_register, 0);
    run(probe, &full);
    cookie = before;
}

void replay_lookup(uint64_t path, uint64_t status, int64_t result, uint64_t stack, uint32_t strand)
{
    const struct lookup lookup = {path, status, result, stack, strand};
    __u64 pid_tgid = bpf_get_current_pid_tgid();

    lookups_add(bpf_map_lookup_elem(&threads, &pid_tgid), pid_tgid, &lookup);
}

void replay_status(uint64_t address, uint32_t mode, uint64_t inode, uint64_t size,
                   uint64_t change_s)
{
    const struct user_status status = {
        .device = 1, .inode = inode, .mode = mode, .size = size, .change_s = change_s};

    replay_memory(address, &status, sizeof(status));
}

bool replay_is_none(uint64_t object)
{
    return is_none(layout_now(), object);
}

bool replay_is_of_library(const char *path)
{
    char room[2 * SHORT_PATH];

    memset(room, '/', sizeof(room)); /* what is behind a text is something else */
    memcpy(room + strlen(path), "lib/python3.11/site-packages/", 29);
    memcpy(room, path, strlen(path));
    return is_of_library(&library_thread, room, (__u32)strlen(path));
}

uint64_t replay_time(void)
{
    return now_ns;
}

size_t replay_count(void)
{
    return record_count;
}

const void *replay_record(size_t n, size_t *size)
{
    *size = records[n].size;
    return records[n].bytes;
}

uint64_t replay_lost(enum thaw_kernel_loss loss)
{
    __u32 slot = loss;

    return *(__u64 *)bpf_map_lookup_elem(&losses, &slot);
}

bool replay_switches(void)
{
    return traced_process(REPLAY_PROCESS)->flags & THAW_PROCESS_SWITCHES;
}

size_t replay_open_frames(void)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    const struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    return thread ? thread->depth : 0;
}
