/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When dlopen has mapped and relocated, and when each constructor begins and ends: an audit library
 * (LD_AUDIT) that writes down the linker's own callbacks. It is linked and run without thaw,
 * without probes and without symbols of the C library.
 *
 * The linker tells an auditor when a search begins, an object is mapped, and all are; it does not
 * tell when constructors begin. So each object that is opened gets, while it is mapped and not
 * relocated yet, entries of this library in place of its DT_INIT and DT_INIT_ARRAY: they tell the
 * time and then do what the object wanted.
 *
 * The records go to the file THAW_DLOPEN_TRUTH, which stays whole when the program is killed.
 */
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 16384, SLOTS = 1024, STUB_BYTES = 5 };
enum kind { KIND_START = 1, KIND_SEARCH, KIND_OPEN, KIND_MAPPED, KIND_BEGIN, KIND_END };

/* As tests/harness/dlopen_truth.py reads it. */
struct record {
    uint64_t ns;
    uint32_t tid, kind;
    char name[112];
};
_Static_assert(sizeof(struct record) == 128, "one record");

typedef void (*constructor)(int, char **, char **);

struct slot {
    const char *name;
    constructor init;
    constructor *array; /* relocated by the time it is called */
    size_t count;
};

static struct record *records;
static uint32_t used, slots_used;
static struct slot slots[SLOTS];
static constructor own_arrays[SLOTS][1];
static int running; /* the program's own start is not of interest */

/* One stub for each slot, so that a call without arguments of ours says whose it is. */
extern const char init_stubs[], array_stubs[];
__asm__(".text\n"
        "init_common:\n"
        "	pop %rax\n"
        "	push %rdi\n push %rsi\n push %rdx\n"
        "	mov %rax, %rcx\n"
        "	call run_init\n"
        "	pop %rdx\n pop %rsi\n pop %rdi\n"
        "	ret\n"
        "array_common:\n"
        "	pop %rax\n"
        "	push %rdi\n push %rsi\n push %rdx\n"
        "	mov %rax, %rcx\n"
        "	call run_array\n"
        "	pop %rdx\n pop %rsi\n pop %rdi\n"
        "	ret\n"
        "init_stubs:\n"
        ".rept 1024\n .byte 0xe8\n .long init_common - . - 4\n .endr\n"
        "array_stubs:\n"
        ".rept 1024\n .byte 0xe8\n .long array_common - . - 4\n .endr\n");

static void note(enum kind kind, const char *name)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    uint32_t index = __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);
    if (!records || index >= RECORDS)
        return;
    struct record *record = &records[index];
    record->ns = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    record->tid = syscall(SYS_gettid);
    snprintf(record->name, sizeof(record->name), "%s", name ? name : "");
    __atomic_store_n(&record->kind, kind, __ATOMIC_RELEASE);
}

static struct slot *slot_behind(const char *return_address, const char *stubs)
{
    return &slots[(return_address - stubs) / STUB_BYTES - 1];
}

__attribute__((used)) void run_init(int count, char **words, char **environment,
                                    const char *return_address)
{
    struct slot *slot = slot_behind(return_address, init_stubs);

    note(KIND_BEGIN, slot->name);
    slot->init(count, words, environment);
    note(KIND_END, slot->name);
}

__attribute__((used)) void run_array(int count, char **words, char **environment,
                                     const char *return_address)
{
    struct slot *slot = slot_behind(return_address, array_stubs);

    note(KIND_BEGIN, slot->name);
    for (size_t i = 0; i < slot->count; i++)
        slot->array[i](count, words, environment);
    note(KIND_END, slot->name);
}

static void stand_in(struct link_map *map)
{
    uint32_t index = __atomic_fetch_add(&slots_used, 1, __ATOMIC_RELAXED);
    ElfW(Dyn) *init = NULL, *array = NULL, *size = NULL;

    if (index >= SLOTS)
        return;
    for (ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_INIT)
            init = entry;
        else if (entry->d_tag == DT_INIT_ARRAY)
            array = entry;
        else if (entry->d_tag == DT_INIT_ARRAYSZ)
            size = entry;
    }
    struct slot *slot = &slots[index];
    slot->name = map->l_name;
    if (init) {
        slot->init = (constructor)(map->l_addr + init->d_un.d_ptr);
        init->d_un.d_ptr = (uintptr_t)init_stubs + index * STUB_BYTES - map->l_addr;
    }
    if (array && size) {
        slot->array = (constructor *)(map->l_addr + array->d_un.d_ptr);
        slot->count = size->d_un.d_val / sizeof(constructor);
        own_arrays[index][0] = (constructor)((uintptr_t)array_stubs + index * STUB_BYTES);
        array->d_un.d_ptr = (uintptr_t)own_arrays[index] - map->l_addr;
        size->d_un.d_val = sizeof(constructor);
    }
}

unsigned int la_version(unsigned int version)
{
    const char *path = getenv("THAW_DLOPEN_TRUTH");
    int file = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;

    if (file < 0)
        return 0; /* not asked for, or a subprocess of the program that was */
    if (ftruncate(file, RECORDS * sizeof(*records)) == 0) {
        void *memory = mmap(NULL, RECORDS * sizeof(*records), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_POPULATE, file, 0);
        records = memory == MAP_FAILED ? NULL : memory;
    }
    close(file);
    return version < LAV_CURRENT ? version : LAV_CURRENT;
}

void la_preinit(uintptr_t *cookie)
{
    (void)cookie;
    running = 1;
    note(KIND_START, "");
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned int flag)
{
    (void)cookie;
    if (running && flag == LA_SER_ORIG)
        note(KIND_SEARCH, name);
    return (char *)name;
}

unsigned int la_objopen(struct link_map *map, Lmid_t space, uintptr_t *cookie)
{
    (void)cookie;
    if (running && space == LM_ID_BASE) {
        note(KIND_OPEN, map->l_name);
        stand_in(map);
    }
    return 0;
}

void la_activity(uintptr_t *cookie, unsigned int flag)
{
    (void)cookie;
    if (running && flag == LA_ACT_CONSISTENT)
        note(KIND_MAPPED, "");
}
