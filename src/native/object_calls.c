/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "native/calls.h"
#include "native/object_private.h"

#define FUNCTIONS_MAX 8
#define ADDRESSES_MAX 8 /* by which one function is called */
#define SLOTS_MAX 4     /* of the global offset table that hold its address */
#define RELOCATIONS_MAX ((size_t)1 << 22)
#define CODE_BYTES_MAX ((uint64_t)512 << 20)
#define CHUNK_BYTES ((size_t)1 << 20)
#define INSTRUCTION_BYTES 6 /* of the longest form of call looked for */
#define THUNK_BYTES_MAX 32
#define BEHIND_BYTES 64                   /* code behind a call that is looked at */
#define BEFORE_BYTES 48                   /* and before it, or before a jump */
#define JUMPS_MAX 8                       /* to one function, from others' ends */
#define JUMPING_BYTES_MAX ((uint64_t)256) /* of a function that ends so */

/* Ways of naming one function. */
struct callee {
    uint64_t addresses[ADDRESSES_MAX]; /* its own, and those of entries that jump to it */
    size_t address_count;
    uint64_t slots[SLOTS_MAX];
    size_t slot_count;
    uint64_t body; /* offset, 0 none */
    bool through_jumps;
    uint64_t jumps[JUMPS_MAX]; /* addresses of jumps to it */
    size_t jump_count;
    THAW_ARRAY(struct thaw_call_return) returns;
};

/* A piece of code: bytes of the file, and the address they are for. */
struct piece {
    const uint8_t *bytes;
    size_t length;
    uint64_t address;
};

struct calls {
    const struct thaw_object *object;
    struct callee callees[FUNCTIONS_MAX];
    size_t count;
    bool out_of_memory;
};

/* Looks at instructions that begin with one of two bytes. */
struct visitor {
    void (*visit)(struct calls *calls, const struct piece *piece, size_t at);
    uint8_t first, other;
};

static void add_address(struct callee *callee, uint64_t address)
{
    if (callee->address_count < ADDRESSES_MAX)
        callee->addresses[callee->address_count++] = address;
}

/* The target of an instruction of the given length whose last four bytes are a displacement. */
static uint64_t relative_target(const struct piece *piece, size_t at, size_t length)
{
    int32_t displacement;

    memcpy(&displacement, piece->bytes + at + length - sizeof(displacement), sizeof(displacement));
    return piece->address + at + length + (uint64_t)(int64_t)displacement;
}

/* A call of length bytes in the piece, at that index. */
static void take_return(struct calls *calls, struct callee *callee, const struct piece *piece,
                        size_t at, size_t length)
{
    uint64_t address = piece->address + at + length, offset, rest;
    size_t before = at < BEFORE_BYTES ? at : BEFORE_BYTES, behind;
    struct thaw_call_return *slot;
    struct thaw_call_step step;
    uint8_t code[BEHIND_BYTES];

    if (callee->returns.count >= THAW_CALL_RETURNS_MAX ||
        !thaw_object_locate(calls->object, address, PF_X, &offset, &rest))
        return;
    behind = rest < sizeof(code) ? (size_t)rest : sizeof(code);
    if (!behind || !thaw_object_read(calls->object, offset, code, behind))
        return;
    slot = thaw_array_add(&callee->returns);
    if (!slot) {
        calls->out_of_memory = true;
        return;
    }
    step = thaw_call_step(code, behind);
    slot->offset = offset + step.bytes;
    slot->result = step.result;
    slot->instruction = thaw_instruction_kind(code + step.bytes, behind - step.bytes);
    slot->call = offset - length;
    slot->call_instruction = thaw_instruction_kind(piece->bytes + at, piece->length - at);
    slot->argument =
        thaw_call_argument(piece->bytes + at - before, before, piece->address + at - before);
}

static bool is_one_of(uint64_t value, const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] == value)
            return true;
    return false;
}

/* jmp rel32 (e9) and jmp rel8 (eb) to a function, from the end of another. */
static void find_jump(struct calls *calls, const struct piece *piece, size_t at)
{
    const uint8_t *code = piece->bytes + at;
    uint64_t target;

    if (code[0] == 0xe9)
        target = relative_target(piece, at, 5);
    else if (code[0] == 0xeb)
        target = piece->address + at + 2 + (uint64_t)(int64_t)(int8_t)code[1];
    else
        return;
    for (size_t i = 0; i < calls->count; i++) {
        struct callee *callee = &calls->callees[i];

        if (callee->through_jumps && callee->jump_count < JUMPS_MAX &&
            is_one_of(target, callee->addresses, callee->address_count))
            callee->jumps[callee->jump_count++] = piece->address + at;
    }
}

/* Is the target the begin of a function that ends with a jump to the callee? */
static bool leads_by_jump(const struct calls *calls, const struct callee *callee, uint64_t target)
{
    uint8_t code[JUMPING_BYTES_MAX];
    uint64_t offset, rest;

    for (size_t i = 0; i < callee->jump_count; i++) {
        uint64_t length = callee->jumps[i] - target;

        if (callee->jumps[i] >= target && length < sizeof(code) &&
            thaw_object_locate(calls->object, target, PF_X, &offset, &rest) && rest >= length &&
            thaw_object_read(calls->object, offset, code, (size_t)length) &&
            thaw_call_same_function(code, (size_t)length))
            return true;
    }
    return false;
}

/* call rel32 (e8) and call *slot(%rip) (ff 15). */
static void find_call(struct calls *calls, const struct piece *piece, size_t at)
{
    const uint8_t *code = piece->bytes + at;
    bool direct = code[0] == 0xe8, through = code[0] == 0xff && code[1] == 0x15;
    size_t length = direct ? 5 : 6;
    uint64_t target;

    if (!direct && !through)
        return;
    target = relative_target(piece, at, length);
    for (size_t i = 0; i < calls->count; i++) {
        struct callee *callee = &calls->callees[i];

        if (direct ? is_one_of(target, callee->addresses, callee->address_count) ||
                         leads_by_jump(calls, callee, target)
                   : is_one_of(target, callee->slots, callee->slot_count))
            take_return(calls, callee, piece, at, length);
    }
}

/*
 * jmp *slot(%rip) (ff 25), the body of an entry of the procedure linkage table; what is called is
 * it, or the bnd prefix or endbr64 before it.
 */
static void find_entry(struct calls *calls, const struct piece *piece, size_t at)
{
    static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    const uint8_t *code = piece->bytes + at;
    uint64_t slot, begin = piece->address + at;

    if (code[0] != 0xff || code[1] != 0x25)
        return;
    slot = relative_target(piece, at, 6);
    if (at > 0 && code[-1] == 0xf2) {
        begin--;
        at--;
    }
    if (at >= sizeof(endbr64) &&
        memcmp(piece->bytes + at - sizeof(endbr64), endbr64, sizeof(endbr64)) == 0)
        begin -= sizeof(endbr64);
    for (size_t i = 0; i < calls->count; i++)
        if (is_one_of(slot, calls->callees[i].slots, calls->callees[i].slot_count))
            add_address(&calls->callees[i], begin);
}

/* Visits each place of the segment's code where an instruction of that length fits. */
static bool walk_segment(struct calls *calls, const GElf_Phdr *segment, uint8_t *buffer,
                         const struct visitor *visitor)
{
    uint64_t done = 0;
    size_t first = 0;

    while (done < segment->p_filesz) {
        size_t length = CHUNK_BYTES;

        if (length > segment->p_filesz - done)
            length = (size_t)(segment->p_filesz - done);
        if (!thaw_object_read(calls->object, segment->p_offset + done, buffer, length))
            return false;
        for (size_t at = first; at + INSTRUCTION_BYTES <= length; at++) {
            if (buffer[at] == visitor->first || buffer[at] == visitor->other)
                visitor->visit(calls, &(struct piece){buffer, length, segment->p_vaddr + done}, at);
        }
        if (length < CHUNK_BYTES)
            break;
        done += length - (BEFORE_BYTES + INSTRUCTION_BYTES - 1);
        first = BEFORE_BYTES; /* those before it were visited */
    }
    return true;
}

static int walk_code(struct calls *calls, const struct visitor *visitor, struct thaw_error *error)
{
    uint8_t *buffer = malloc(CHUNK_BYTES);
    int code = 0;

    if (!buffer)
        return thaw_error_memory(error);
    for (size_t i = 0; !code && i < calls->object->segments.count; i++) {
        const GElf_Phdr *segment = &calls->object->segments.items[i];

        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) ||
            segment->p_filesz > CODE_BYTES_MAX)
            continue;
        if (!walk_segment(calls, segment, buffer, visitor))
            code = thaw_object_damaged(calls->object, "its code can't be read", error);
    }
    free(buffer);
    return code;
}

/* A relocation that puts the address of a function into a slot. */
static void take_relocation(struct calls *calls, const struct thaw_call_function *functions,
                            const char *name, uint64_t slot)
{
    for (size_t i = 0; name && i < calls->count; i++) {
        struct callee *callee = &calls->callees[i];

        if (strcmp(name, functions[i].name) == 0 && callee->slot_count < SLOTS_MAX)
            callee->slots[callee->slot_count++] = slot;
    }
}

static void walk_relocations(struct calls *calls, const struct thaw_call_function *functions,
                             Elf_Scn *section, const GElf_Shdr *header)
{
    Elf *elf = calls->object->elf;
    Elf_Scn *table = elf_getscn(elf, header->sh_link);
    Elf_Data *entries = thaw_object_section(calls->object, section, SHT_RELA);
    Elf_Data *symbols = thaw_object_section(calls->object, table, SHT_DYNSYM);
    GElf_Shdr table_header;

    if (!entries || !symbols || !gelf_getshdr(table, &table_header))
        return;
    for (size_t i = 0; i < RELOCATIONS_MAX; i++) {
        GElf_Rela entry;
        GElf_Sym symbol;

        if (!gelf_getrela(entries, (int)i, &entry))
            break;
        if (GELF_R_TYPE(entry.r_info) != R_X86_64_JUMP_SLOT &&
            GELF_R_TYPE(entry.r_info) != R_X86_64_GLOB_DAT)
            continue;
        if (gelf_getsym(symbols, (int)GELF_R_SYM(entry.r_info), &symbol))
            take_relocation(calls, functions, elf_strptr(elf, table_header.sh_link, symbol.st_name),
                            entry.r_offset);
    }
}

static void find_slots(struct calls *calls, const struct thaw_call_function *functions)
{
    Elf_Scn *section = NULL;

    for (size_t i = 0;
         i < THAW_OBJECT_SECTIONS_MAX && (section = elf_nextscn(calls->object->elf, section));
         i++) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) && header.sh_type == SHT_RELA)
            walk_relocations(calls, functions, section, &header);
    }
}

/* The function's own addresses. */
static void name_callee(struct calls *calls, struct callee *callee,
                        const struct thaw_call_function *function)
{
    uint8_t code[THUNK_BYTES_MAX];
    uint64_t offset, rest, target;
    GElf_Sym symbol;

    callee->through_jumps = function->through_jumps;
    if (!thaw_object_symbol(calls->object, function->name, STT_FUNC, &symbol))
        return;
    add_address(callee, symbol.st_value);
    if (!symbol.st_size || symbol.st_size > sizeof(code) ||
        !thaw_object_locate(calls->object, symbol.st_value, PF_X, &offset, &rest) ||
        rest < symbol.st_size ||
        !thaw_object_read(calls->object, offset, code, (size_t)symbol.st_size))
        return;
    target = thaw_call_thunk(code, (size_t)symbol.st_size, symbol.st_value);
    if (!target || !thaw_object_locate(calls->object, target, PF_X, &offset, &rest))
        return;
    add_address(callee, target);
    callee->body = offset + thaw_object_landing(calls->object, offset, rest);
}

static int by_offset(const void *left, const void *right)
{
    const struct thaw_call_return *a = left, *b = right;

    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Into the arena, each once. */
static bool hand_over(struct callee *callee, struct thaw_arena *arena,
                      struct thaw_call_returns *ret)
{
    struct thaw_call_return *items =
        thaw_arena_allocate(arena, (callee->returns.count + 1) * sizeof(*items));
    size_t count = 0;

    if (!items)
        return false;
    if (callee->returns.count)
        qsort(callee->returns.items, callee->returns.count, sizeof(*items), by_offset);
    for (size_t i = 0; i < callee->returns.count; i++)
        if (!count || items[count - 1].offset != callee->returns.items[i].offset)
            items[count++] = callee->returns.items[i];
    *ret = (struct thaw_call_returns){.items = items, .count = count, .body = callee->body};
    return true;
}

/* Without them there are no entries of the linkage table to look for. */
static bool has_slots(const struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        if (calls->callees[i].slot_count)
            return true;
    return false;
}

int thaw_object_call_returns(const struct thaw_object *object,
                             const struct thaw_call_function *functions, size_t count,
                             struct thaw_arena *arena, struct thaw_call_returns *ret,
                             struct thaw_error *error)
{
    static const struct visitor visitors[] = {{find_entry, 0xff, 0xff},
                                              {find_jump, 0xe9, 0xeb},
                                              {find_call, 0xe8, 0xff}};
    struct calls calls = {.object = object, .count = count};
    size_t first;
    int code = 0;

    memset(ret, 0, count * sizeof(*ret));
    if (count > FUNCTIONS_MAX || object->header.e_machine != EM_X86_64)
        return 0;
    if (!thaw_calls_are_readable())
        return thaw_error_set(error, -ENOSYS,
                              "%s: its code is read with %s, which is missing: install capstone",
                              object->name, THAW_SONAME_CAPSTONE);
    for (size_t i = 0; i < count; i++)
        name_callee(&calls, &calls.callees[i], &functions[i]);
    find_slots(&calls, functions);
    first = has_slots(&calls) ? 0 : 1;
    for (size_t i = first; !code && i < sizeof(visitors) / sizeof(visitors[0]); i++)
        code = walk_code(&calls, &visitors[i], error);
    for (size_t i = 0; i < count; i++) {
        if (!code && !calls.out_of_memory && !hand_over(&calls.callees[i], arena, &ret[i]))
            calls.out_of_memory = true;
        thaw_array_free(&calls.callees[i].returns);
    }
    return !code && calls.out_of_memory ? thaw_error_memory(error) : code;
}
