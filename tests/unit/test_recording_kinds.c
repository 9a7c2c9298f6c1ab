/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/kinds.h"

#define MEMBER(name)                                                                               \
    (struct place)                                                                                 \
    {                                                                                              \
        offsetof(struct thaw_event, name), sizeof(event.name)                                      \
    }

struct place {
    size_t offset;
    size_t size;
};

/* No default: the compiler names the kind that is missing here (-Wswitch). */
static struct place member_of(enum thaw_event_kind kind)
{
    static const struct thaw_event event;

    switch (kind) {
    case THAW_EVENT_SESSION_BEGIN:
        return MEMBER(session_begin);
    case THAW_EVENT_SESSION_END:
        return MEMBER(session_end);
    case THAW_EVENT_PROBE:
        return MEMBER(probe);
    case THAW_EVENT_LOSS:
        return MEMBER(loss);
    case THAW_EVENT_COST:
        return MEMBER(cost);
    case THAW_EVENT_MACHINE:
        return MEMBER(machine);
    case THAW_EVENT_MACHINE_INSTANT:
        return MEMBER(machine_instant);
    case THAW_EVENT_CPU_ACCOUNT:
        return MEMBER(cpu_account);
    case THAW_EVENT_PROCESS_PRESENT:
        return MEMBER(process_present);
    case THAW_EVENT_PROCESS_FORK:
        return MEMBER(process_fork);
    case THAW_EVENT_PROCESS_EXEC:
        return MEMBER(process_exec);
    case THAW_EVENT_PROCESS_EXIT:
        return MEMBER(process_exit);
    case THAW_EVENT_PROCESS_ROLE:
        return MEMBER(process_role);
    case THAW_EVENT_INTERPRETER:
        return MEMBER(interpreter);
    case THAW_EVENT_LIBRARY:
        return MEMBER(library);
    case THAW_EVENT_PROCESS_COUNTS:
        return MEMBER(process_counts);
    case THAW_EVENT_IMPORT_BEGIN:
        return MEMBER(import_begin);
    case THAW_EVENT_IMPORT_END:
        return MEMBER(import_end);
    case THAW_EVENT_BODY_BEGIN:
        return MEMBER(body_begin);
    case THAW_EVENT_BODY_END:
        return MEMBER(body_end);
    case THAW_EVENT_DLOPEN_BEGIN:
        return MEMBER(dlopen_begin);
    case THAW_EVENT_DLOPEN_END:
        return MEMBER(dlopen_end);
    case THAW_EVENT_FILE_OPEN:
        return MEMBER(file_open);
    case THAW_EVENT_IMPORT_TIMED:
        return MEMBER(import_timed);
    case THAW_EVENT_EFFECT:
        return MEMBER(effect);
    case THAW_EVENT_GC_BEGIN:
        return MEMBER(gc_begin);
    case THAW_EVENT_GC_END:
        return MEMBER(gc_end);
    case THAW_EVENT_CONNECT:
        return MEMBER(connect);
    case THAW_EVENT_MESSAGE:
        return MEMBER(message);
    case THAW_EVENT_FUNCTION:
        return MEMBER(function);
    case THAW_EVENT_LISTEN:
        return MEMBER(listen);
    case THAW_EVENT_ACCEPT:
        return MEMBER(accept);
    case THAW_EVENT_FIRST_BYTES:
        return MEMBER(first_bytes);
    case THAW_EVENT_HOST_FILE:
        return MEMBER(host_file);
    case THAW_EVENT_INVENTORY_INTERPRETER:
        return MEMBER(inventory_interpreter);
    case THAW_EVENT_INVENTORY_DISTRIBUTION:
        return MEMBER(inventory_distribution);
    case THAW_EVENT_INVENTORY_FILE:
        return MEMBER(inventory_file);
    case THAW_EVENT_INVENTORY_IMPORT:
        return MEMBER(inventory_import);
    case THAW_EVENT_INVENTORY_STATEMENT:
        return MEMBER(inventory_statement);
    case THAW_EVENT_INVENTORY_DEFINITION:
        return MEMBER(inventory_definition);
    case THAW_EVENT_INVENTORY_LIBRARY:
        return MEMBER(inventory_library);
    case THAW_EVENT_INVENTORY_REQUIREMENT:
        return MEMBER(inventory_requirement);
    case THAW_EVENT_STRAND_BEGIN:
        return MEMBER(strand_begin);
    case THAW_EVENT_MODULE_INIT:
        return MEMBER(module_init);
    case THAW_EVENT_MODULE_INIT_END:
        return MEMBER(module_init_end);
    case THAW_EVENT_MODULE_MADE:
        return MEMBER(module_made);
    case THAW_EVENT_LAZY_BEGIN:
        return MEMBER(lazy_begin);
    case THAW_EVENT_FILE_CLOSE:
        return MEMBER(file_close);
    case THAW_EVENT_FILE_LOOKUPS:
        return MEMBER(file_lookups);
    case THAW_EVENT_FILE_LOOKUP:
        return MEMBER(file_lookup);
    case THAW_EVENT_FILE_FOLDER:
        return MEMBER(file_folder);
    case THAW_EVENT_UNMARSHAL_BEGIN:
        return MEMBER(unmarshal_begin);
    case THAW_EVENT_DLOPEN_RELOCATED:
        return MEMBER(dlopen_relocated);
    case THAW_EVENT_MARSHAL_BEGIN:
        return MEMBER(marshal_begin);
    case THAW_EVENT_MAPPING:
        return MEMBER(mapping);
    case THAW_EVENT_SAMPLE:
        return MEMBER(sample);
    case THAW_EVENT_SAMPLING:
        return MEMBER(sampling);
    case THAW_EVENT_INVENTORY_SYMBOL:
        return MEMBER(inventory_symbol);
    case THAW_EVENT_CALL:
        return MEMBER(call);
    case THAW_EVENT_STACK:
        return MEMBER(call_stack);
    case THAW_EVENT_VM:
        return MEMBER(vm);
    case THAW_EVENT_VM_COUNT:
        return MEMBER(vm_count);
    case THAW_EVENT_CONSOLE_MARK:
        return MEMBER(console_mark);
    case THAW_EVENT_GUEST_MARK:
        return MEMBER(guest_mark);
    }
    return (struct place){0};
}

/* Every number the enumeration may have: what the switch knows, the table knows, and no more. */
static void the_table_has_every_kind(void **state)
{
    size_t count, found = 0;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    (void)state;
    for (unsigned number = 0; number <= UINT16_MAX; number++) {
        const struct thaw_kind *kind = thaw_kinds_by_number(number);

        assert_int_equal(kind != NULL, member_of(number).size != 0);
        found += kind != NULL;
    }
    assert_int_equal(found, count);
    for (size_t i = 1; i < count; i++)
        assert_true(kinds[i - 1].number < kinds[i].number);
}

/* What a thread has used stands beside the members. */
static bool is_usage(const struct thaw_field *field)
{
    return field->offset >= offsetof(struct thaw_event, usage) &&
           field->offset < offsetof(struct thaw_event, usage) + sizeof(struct thaw_usage);
}

/* A forgotten field leaves a byte uncovered, a wrong one covers a byte twice. */
static void every_byte_of_every_member_is_a_field(void **state)
{
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct place member = member_of(kinds[i].number);
        unsigned char covered[sizeof(struct thaw_event)] = {0};

        assert_int_equal(kinds[i].offset, member.offset);
        assert_int_equal(kinds[i].size, member.size);
        for (size_t f = 0; f < kinds[i].count; f++) {
            const struct thaw_field *field = &kinds[i].fields[f];

            if (is_usage(field))
                continue;
            assert_true(field->offset >= member.offset);
            assert_true(field->offset + thaw_kinds_field_size(field) <=
                        member.offset + member.size);
            for (size_t byte = 0; byte < thaw_kinds_field_size(field); byte++)
                covered[field->offset + byte]++;
        }
        for (size_t byte = 0; byte < sizeof(covered); byte++)
            if (covered[byte] != (byte >= member.offset && byte < member.offset + member.size))
                fail_msg("%s: byte %zu of its struct is covered %d times", kinds[i].name,
                         byte - member.offset, covered[byte]);
    }
}

static void names_are_found_and_differ(void **state)
{
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct thaw_kind *kind = &kinds[i];

        assert_ptr_equal(thaw_kinds_by_name(kind->name, strlen(kind->name)), kind);
        assert_true(kind->count <= 62); /* the text form's reader has a bit for each */
        for (size_t f = 0; f < kind->count; f++) {
            const char *name = kind->fields[f].name;

            assert_ptr_equal(thaw_kinds_field(kind, name, strlen(name)), &kind->fields[f]);
            assert_string_not_equal(name, "pid");
            assert_string_not_equal(name, "tid");
            assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
        }
        assert_null(thaw_kinds_field(kind, "nam", 3));
    }
    assert_null(thaw_kinds_by_name("import.begi", 11));
    assert_null(thaw_kinds_by_name("import.beginn", 13));
    assert_null(thaw_kinds_by_name("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_kind),
        cmocka_unit_test(every_byte_of_every_member_is_a_field),
        cmocka_unit_test(names_are_found_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
