/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "native/object.h"
#include "scratch.h"

#define SEEDS "tests/fuzz/corpus/object/"
#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_object *open_good(const char *path)
{
    struct thaw_object *object = NULL;
    struct thaw_error error = {0};

    if (thaw_object_open(path, &object, &error) < 0)
        fail_msg("%s", error.message);
    return object;
}

/* What readelf says, in the words below; skips when there is no readelf. */
static char *readelf(const char *options, const char *path)
{
    char *text = scratch_output("LC_ALL=C readelf %s '%s' 2>/dev/null", options, path);

    if (!text) {
        print_message("skip: readelf (binutils) is not installed\n");
        skip();
    }
    return text;
}

static void compare_dynamic(const char *path)
{
    struct thaw_object *object = open_good(path);
    char *text = readelf("-dW", path), *at = text, expected[512];
    const char *const *needed;
    size_t count = thaw_object_needed(object, &needed), seen = 0;

    while ((at = strstr(at, "(NEEDED)"))) {
        assert_int_equal(sscanf(strchr(at, '['), "[%511[^]]", expected), 1);
        assert_true(seen < count);
        assert_string_equal(needed[seen++], expected);
        at++;
    }
    assert_int_equal(seen, count);
    at = strstr(text, "(SONAME)");
    if (at)
        assert_int_equal(sscanf(strchr(at, '['), "[%511[^]]", expected), 1);
    assert_string_equal(thaw_object_soname(object), at ? expected : "");
    at = strstr(text, "(RUNPATH)");
    if (at)
        assert_int_equal(sscanf(strchr(at, '['), "[%511[^]]", expected), 1);
    assert_string_equal(thaw_object_runpath(object), at ? expected : "");
    free(text);
    text = readelf("-nW", path);
    at = strstr(text, "Build ID: ");
    if (at)
        assert_int_equal(sscanf(at, "Build ID: %511s", expected), 1);
    assert_string_equal(thaw_object_build_id(object), at ? expected : "");
    free(text);
    thaw_object_close(object);
}

static void dynamic_section_is_as_readelf_has_it(void **state)
{
    static const char *const patterns[] = {"/lib/x86_64-linux-gnu/lib*.so.[0-9]",
                                           "/usr/bin/python3*",
                                           "/usr/lib/python3.*/lib-dynload/_[a-d]*.so", "/bin/ls"};
    size_t compared = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found;

        if (glob(patterns[i], 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc && j < 12; j++) {
            struct thaw_object *object;

            if (thaw_object_open(found.gl_pathv[j], &object, NULL) == -ENOEXEC)
                continue; /* python3-config is a script */
            thaw_object_close(object);
            compare_dynamic(found.gl_pathv[j]);
            compared++;
        }
        globfree(&found);
    }
    assert_true(compared >= 10);
}

/* File offset by readelf's own symbol and program header tables. */
static uint64_t expected_offset(const char *path, const char *symbol)
{
    char *text = readelf("-lW", path), *line = text, *symbols;
    uint64_t address = 0, result = 0;

    symbols = scratch_output("LC_ALL=C readelf --dyn-syms -W '%s' | "
                             "awk '$4 == \"FUNC\" && $7 != \"UND\" && $8 ~ /^%s(@|$)/ {print $2}'",
                             path, symbol);
    assert_non_null(symbols);
    assert_int_equal(sscanf(symbols, "%" SCNx64, &address), 1);
    free(symbols);
    while ((line = strstr(line, "\n  LOAD "))) {
        uint64_t offset, start, physical, bytes;

        assert_int_equal(sscanf(line, " LOAD %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, &offset,
                                &start, &physical, &bytes),
                         4);
        if (address >= start && address - start < bytes)
            result = address - start + offset;
        line++;
    }
    free(text);
    assert_true(result > 0);
    return result;
}

static void functions_lie_where_readelf_has_them(void **state)
{
    static const char *const rows[][2] = {{LIBC, "dlopen"},
                                          {LIBC, "malloc"},
                                          {LIBC, "qsort"},
                                          {"/usr/bin/python3", "PyEval_EvalCode"},
                                          {"/usr/bin/python3", "PyObject_CallMethodObjArgs"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_object *object = open_good(rows[i][0]);
        uint64_t offset, size;

        assert_int_equal(thaw_object_function(object, rows[i][1], &offset, &size, NULL), 0);
        assert_int_equal(offset, expected_offset(rows[i][0], rows[i][1]));
        assert_true(size > 0);
        assert_true(thaw_object_exports(object, rows[i][1]));
        thaw_object_close(object);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    struct thaw_object *object = open_good(LIBC);
    struct thaw_error error = {0};
    uint64_t offset = 77, size = 77;
    char byte;

    (void)state;
    assert_int_equal(thaw_object_function(object, "no_such_function", &offset, &size, &error),
                     -ENOENT);
    assert_non_null(strstr(error.message, "no function no_such_function"));
    assert_int_equal(thaw_object_function(object, "", &offset, &size, &error), -ENOENT);
    assert_int_equal(thaw_object_function(object, "environ", &offset, &size, &error), -ENOENT);
    assert_int_equal(thaw_object_data(object, "malloc", &byte, 1, &error), -ENOENT);
    assert_int_equal(offset, 77);
    assert_false(thaw_object_exports(object, "no_such_function"));
    thaw_object_close(object);
}

static void endbr64_is_skipped(void **state)
{
    struct thaw_object *plain = open_good(SEEDS "shared");
    struct thaw_object *marked = open_good(SEEDS "shared-rpath-endbr64");
    uint64_t offset, size, plain_size;
    uint8_t before[4];
    int fd = open(SEEDS "shared-rpath-endbr64", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(thaw_object_function(plain, "answer", &offset, &plain_size, NULL), 0);
    assert_int_equal(thaw_object_function(marked, "answer", &offset, &size, NULL), 0);
    assert_int_equal(size, plain_size);
    assert_int_equal(pread(fd, before, sizeof(before), (off_t)offset - 4), 4);
    assert_memory_equal(before, "\xf3\x0f\x1e\xfa", 4);
    assert_string_equal(thaw_object_rpath(marked), "/opt/lib");
    assert_string_equal(thaw_object_runpath(marked), "");
    close(fd);
    thaw_object_close(plain);
    thaw_object_close(marked);
}

static void seeds_of_other_kinds_are_told(void **state)
{
    struct thaw_object *narrow = open_good(SEEDS "shared-32bit"), *object = open_good(SEEDS "pie");
    uint32_t version = 0;

    (void)state;
    assert_int_equal(thaw_object_machine(narrow), EM_386);
    assert_false(thaw_object_is_64bit(narrow));
    assert_int_equal(thaw_object_data(narrow, "Py_Version", &version, sizeof(version), NULL), 0);
    assert_int_equal(version, 0x030b02f0);
    thaw_object_close(narrow);
    assert_int_equal(thaw_object_machine(object), EM_X86_64);
    assert_true(thaw_object_is_64bit(object));
    assert_true(thaw_object_is_position_independent(object));
    assert_string_equal(thaw_object_interpreter(object), "/lib64/ld-linux-x86-64.so.2");
    thaw_object_close(object);
    object = open_good(SEEDS "static");
    assert_false(thaw_object_is_position_independent(object));
    assert_string_equal(thaw_object_interpreter(object), "");
    thaw_object_close(object);
    object = open_good(SEEDS "big-endian");
    assert_int_equal(thaw_object_machine(object), 43);
    thaw_object_close(object);
}

static void identity_is_that_of_the_file(void **state)
{
    struct thaw_object *object = NULL;
    struct stat status;
    int fd = open(LIBC, O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(thaw_object_open_descriptor(fd, "libc", &object, NULL), 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(close(fd), 0); /* it was the caller's all along */
    assert_int_equal(thaw_object_device(object), status.st_dev);
    assert_int_equal(thaw_object_inode(object), status.st_ino);
    assert_int_equal(thaw_object_bytes(object), status.st_size);
    assert_true(thaw_object_exports(object, "malloc"));
    thaw_object_close(object);
}

static void other_files_are_refused(void **state)
{
    const char *fifo = scratch_path(&scratch, "fifo.so");
    struct {
        const char *path;
        int code;
    } rows[] = {
        {"/dev/null", -ENOEXEC},
        {"/tmp", -ENOEXEC},
        {fifo, -ENOEXEC},
        {scratch_write_text(&scratch, "empty", ""), -ENOEXEC},
        {scratch_write_text(&scratch, "text",
                            "\x7f"
                            "ELF"),
         -EBADMSG},
        {scratch_path(&scratch, "nothing"), -ENOENT},
        {SEEDS "relocatable", -ENOEXEC},
        {scratch_link(&scratch, "loop", "loop"), -ELOOP},
    };

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_object *object = NULL;
        struct thaw_error error = {0};

        assert_int_equal(thaw_object_open(rows[i].path, &object, &error), rows[i].code);
        assert_null(object);
        assert_non_null(strstr(error.message, rows[i].path));
        assert_null(strchr(error.message, '\n'));
    }
}

/* Cut at any length: it opens, or says that it is damaged; never reads beyond, never hangs. */
static void files_cut_anywhere_are_survived(void **state)
{
    char *bytes = malloc(4096);
    FILE *file = fopen(SEEDS "shared", "re");
    size_t length = fread(bytes, 1, 4096, file), opened = 0;

    (void)state;
    fclose(file);
    for (size_t cut = 0; cut < length; cut += 3) {
        const char *path = scratch_write(&scratch, "cut", bytes, cut);
        struct thaw_object *object = NULL;
        uint64_t offset, size;
        int result = thaw_object_open(path, &object, NULL);

        assert_true(result == 0 || result == -EBADMSG || result == -ENOEXEC);
        if (result < 0)
            continue;
        opened++;
        thaw_object_function(object, "answer", &offset, &size, NULL);
        thaw_object_close(object);
    }
    assert_true(opened > 0);
    free(bytes);
}

/* 64 GiB of holes, with headers that say all of it is one section or segment. */
static void huge_sparse_files_cost_nothing(void **state)
{
    const uint64_t bytes = (uint64_t)64 << 30;
    Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_DYN,
                         .e_machine = EM_X86_64,
                         .e_version = EV_CURRENT,
                         .e_phoff = sizeof(header),
                         .e_phentsize = sizeof(Elf64_Phdr),
                         .e_phnum = 2,
                         .e_ehsize = sizeof(header)};
    Elf64_Phdr segments[] = {
        {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = bytes, .p_memsz = bytes},
        {.p_type = PT_DYNAMIC, .p_offset = 4096, .p_filesz = bytes - 4096},
    };
    struct thaw_object *object = NULL;
    const char *path;
    int fd;

    (void)state;
    path = scratch_write(&scratch, "sparse.so", &header, sizeof(header));
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, segments, sizeof(segments), sizeof(header)), sizeof(segments));
    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    assert_int_equal(thaw_object_open(path, &object, NULL), 0);
    assert_int_equal(thaw_object_bytes(object), bytes);
    thaw_object_close(object);
    object = NULL;
    header.e_shoff = 8192; /* the number of sections stands in section 0: 2^60 of them */
    header.e_shentsize = sizeof(Elf64_Shdr);
    assert_int_equal(pwrite(fd, &header, sizeof(header), 0), sizeof(header));
    assert_int_equal(pwrite(fd, &(Elf64_Shdr){.sh_size = (uint64_t)1 << 60}, sizeof(Elf64_Shdr),
                            8192),
                     sizeof(Elf64_Shdr));
    assert_int_equal(thaw_object_open(path, &object, NULL), -EBADMSG);
    assert_null(object);
    close(fd);
}

/* In the words of arch/x86/kernel/uprobes.c; the bytes are an assembler's. */
static void instructions_are_told_apart(void **state)
{
    static const struct {
        const char *code;
        size_t length;
        enum thaw_instruction kind;
    } rows[] = {
        {"\x55", 1, THAW_INSTRUCTION_EMULATED},                    /* push %rbp */
        {"\x41\x57", 2, THAW_INSTRUCTION_EMULATED},                /* push %r15 */
        {"\x90", 1, THAW_INSTRUCTION_EMULATED},                    /* nop */
        {"\xe8\0\0\0\0", 5, THAW_INSTRUCTION_EMULATED},            /* call */
        {"\xe9\0\0\0\0", 5, THAW_INSTRUCTION_EMULATED},            /* jmp */
        {"\x75\x10", 2, THAW_INSTRUCTION_EMULATED},                /* jne */
        {"\x0f\x85\0\0\0\0", 6, THAW_INSTRUCTION_EMULATED},        /* jne near */
        {"\x0f\x1f\x44\0\0", 5, THAW_INSTRUCTION_EMULATED_LATELY}, /* nopl 0(%rax,%rax) */
        {"\x66\x90", 2, THAW_INSTRUCTION_EMULATED_LATELY},         /* xchg %ax,%ax */
        {"\x48\x83\xec\x10", 4, THAW_INSTRUCTION_SINGLE_STEPPED},  /* sub $16,%rsp */
        {"\xf3\x0f\x1e\xfa", 4, THAW_INSTRUCTION_SINGLE_STEPPED},  /* endbr64 */
        {"\x41\x89\xc0", 3, THAW_INSTRUCTION_SINGLE_STEPPED},      /* mov %eax,%r8d */
        {"\xc3", 1, THAW_INSTRUCTION_SINGLE_STEPPED},              /* ret */
        {"\x0f", 1, THAW_INSTRUCTION_SINGLE_STEPPED},              /* cut */
        {"", 0, THAW_INSTRUCTION_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(thaw_instruction_kind((const uint8_t *)rows[i].code, rows[i].length),
                         rows[i].kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dynamic_section_is_as_readelf_has_it),
        cmocka_unit_test(functions_lie_where_readelf_has_them),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(endbr64_is_skipped),
        cmocka_unit_test(seeds_of_other_kinds_are_told),
        cmocka_unit_test(identity_is_that_of_the_file),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(files_cut_anywhere_are_survived),
        cmocka_unit_test(huge_sparse_files_cost_nothing),
        cmocka_unit_test(instructions_are_told_apart),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
