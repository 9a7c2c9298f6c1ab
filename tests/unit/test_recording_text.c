/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording_sample.h"

#define HEAD "thaw-recording-text 1\n"

static char *write_text(const struct thaw_recording *recording)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(stream);
    assert_int_equal(thaw_recording_write_text(recording, stream, NULL), 0);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static struct thaw_recording *parse(const char *text)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};

    if (sample_parse(text, strlen(text), &recording, &error) < 0)
        fail_msg("%s", error.message);
    return recording;
}

static void assert_recordings_equal(const struct thaw_recording *left,
                                    const struct thaw_recording *right)
{
    assert_int_equal(left->count, right->count);
    for (size_t i = 0; i < left->count; i++)
        sample_assert_equal(&left->events[i], &right->events[i]);
    assert_int_equal(left->finished, right->finished);
    assert_string_equal(left->defect, right->defect);
    assert_int_equal(left->unknown_kinds, right->unknown_kinds);
}

/* Binary, text, back: the same; and the same text again. */
static void check_round_trip(const void *bytes, size_t length)
{
    struct thaw_recording *recording = NULL, *back;
    char *text, *again;

    assert_int_equal(sample_parse(bytes, length, &recording, NULL), 0);
    text = write_text(recording);
    back = parse(text);
    assert_recordings_equal(recording, back);
    again = write_text(back);
    assert_string_equal(text, again);
    free(again);
    free(text);
    thaw_recording_free(back);
    thaw_recording_free(recording);
}

static void every_kind_comes_back(void **state)
{
    struct sample_file file = sample_file_make(9);

    (void)state;
    check_round_trip(file.bytes, file.length);
    check_round_trip(file.bytes, file.length - 1); /* unfinished, with a defect */
    sample_file_free(&file);
}

static void what_is_written_is_plain(void **state)
{
    struct sample_file file = sample_file_make(1000);
    struct thaw_recording *recording = NULL;
    char *text;

    (void)state;
    assert_int_equal(sample_parse(file.bytes, file.length, &recording, NULL), 0);
    text = write_text(recording);
    for (const char *at = text; *at; at++)
        assert_true(*at == '\n' || ((unsigned char)*at >= 0x20 && *at != 0x7F));
    assert_null(strstr(text, "\u202e"));
    assert_non_null(strstr(text, "\\u202eevil"));
    assert_non_null(strstr(text, "\\udb40\\udc41"));
    assert_non_null(strstr(text, "naïve 🐍"));
    assert_non_null(strstr(text, "\\xe2\\x82\""));
    assert_non_null(strstr(text, "\"\\n\\t\\r\\b\\f\\x1b[31m\\x7f\""));
    free(text);
    thaw_recording_free(recording);
    sample_file_free(&file);
}

static void a_text_written_by_hand_is_read(void **state)
{
    static const char text[] = HEAD
        "\n"
        "# times in ns\n"
        "1_000_000 session.begin cpus=2 command=[ \"python3\" , \"app.py\" ] until=\"exit\"\r\n"
        "  2_000_000 import.begin stack=140731 tid=8 name=\"nump\\u0079\" pid=7 # inline\n"
        "\t2000001\tmessage\toutgoing=1 type=\"StartStream\" last_ns=2000002\n"
        "3000000 session.end exit_status=-1 reason=\"\\x41\\/\\ud83d\\udc0d\"";
    struct thaw_recording *recording = parse(text);
    const struct thaw_event *events = recording->events;

    (void)state;
    assert_int_equal(recording->count, 4);
    assert_true(recording->finished);
    assert_int_equal(events[0].kind, THAW_EVENT_SESSION_BEGIN);
    assert_int_equal(events[0].time_ns, 1000000);
    assert_int_equal(events[0].session_begin.cpus, 2);
    assert_int_equal(events[0].session_begin.command.count, 2);
    assert_string_equal(events[0].session_begin.command.items[1], "app.py");
    assert_string_equal(events[0].session_begin.until, "exit");
    assert_string_equal(events[0].session_begin.kernel, "");
    assert_int_equal(events[1].pid, 7);
    assert_int_equal(events[1].tid, 8);
    assert_string_equal(events[1].import_begin.name, "numpy");
    assert_int_equal(events[1].import_begin.stack, 140731);
    assert_string_equal(events[2].message.type, "StartStream");
    assert_int_equal(events[2].message.outgoing, 1);
    assert_int_equal(events[2].message.last_ns, 2000002);
    assert_int_equal(events[3].session_end.exit_status, -1);
    assert_string_equal(events[3].session_end.reason, "A/🐍");
    thaw_recording_free(recording);
}

static void what_a_recording_says_of_itself_is_read(void **state)
{
    struct thaw_recording *recording =
        parse(HEAD "recording unknown_kinds=3 finished=0 defect=\"byte 99: torn\"\n");

    (void)state;
    assert_int_equal(recording->count, 0);
    assert_false(recording->finished);
    assert_string_equal(recording->defect, "byte 99: torn");
    assert_int_equal(recording->unknown_kinds, 3);
    thaw_recording_free(recording);
}

static void lines_are_put_in_order(void **state)
{
    struct thaw_recording *recording = parse(HEAD "9 process.fork pid=2\n4 process.fork pid=1\n");

    (void)state;
    assert_int_equal(recording->events[0].pid, 1);
    assert_int_equal(recording->events[1].pid, 2);
    thaw_recording_free(recording);
}

static const struct bad_text {
    const char *text;
    const char *message;
} bad_texts[] = {
    {"thaw-recording-text\n", "line 1, column 20: the version is missing"},
    {"thaw-recording-text 2\n", "text form of version 2, this thaw reads up to 1; use a newer one"},
    {"thaw-recording-text 1 x\n", "line 1, column 23: the first line is not"},
    {"thaw-recording-text 0\n", "line 1, column 22: the first line is not"},
    {"thaw-recording-textual 1\n", "line 1, column 1: the first line is not"},
    {"thaw-rec", "line 1, column 1: the first line is not \"thaw-recording-text 1\""},
    {HEAD "hello", "line 2, column 1: a line begins with a time in ns, not with \"hello\""},
    {HEAD "\x1b[31m", "line 2, column 1: a line begins with a time in ns, not with \"\\x1b[31m\""},
    {HEAD "\n#\n  5x probe", "line 4, column 4: a time is a number of ns and nothing more"},
    {HEAD "5", "line 2, column 2: the event's kind is missing"},
    {HEAD "5 import.start", "line 2, column 3: kind \"import.start\" is not known"},
    {HEAD "18446744073709551616 probe", "line 2, column 1: the number is beyond 64 bits"},
    {HEAD "5 probe naem=\"x\"", "line 2, column 9: probe has no field \"naem\""},
    {HEAD "5 probe name", "line 2, column 13: \"=\" is missing after the field's name"},
    {HEAD "5 probe name=x", "line 2, column 14: a text in quotes is missing"},
    {HEAD "5 probe name=\"x", "line 2, column 14: the text is not closed on its line"},
    {HEAD "5 probe name=\"x\\\"", "line 2, column 14: the text is not closed on its line"},
    {HEAD "5 probe name=\"x\\", "line 2, column 14: the text is not closed on its line"},
    {HEAD "5 probe name=\"x\"how=\"\"", "line 2, column 17: a blank is missing after the value"},
    {HEAD "5 probe how=\"\" how=\"\"", "line 2, column 16: field \"how\" is there twice"},
    {HEAD "5 probe pid=1 pid=1", "line 2, column 15: field \"pid\" is there twice"},
    {HEAD "5 probe pid=4294967296", "line 2, column 3: pid and tid have 32 bits"},
    {HEAD "5 probe pid=-1", "line 2, column 13: a number is missing"},
    {HEAD "5 probe pid=_1", "line 2, column 13: a number is missing"},
    {HEAD "5 probe pid=1_", "line 2, column 14: a blank is missing after the value"},
    {HEAD "5 probe pid=0x1", "line 2, column 14: a blank is missing after the value"},
    {HEAD "5 probe name=\"a\tb\"", "line 2, column 16: a control character in a text; write \\x09"},
    {HEAD "5 probe name=\"\\q\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\x00\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\u0000\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\x4\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\udc00\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\ud83d\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 probe name=\"\\ud83d\\u0041\"", "line 2, column 15: this escape stands for nothing"},
    {HEAD "5 machine signs=\"x\"", "line 2, column 17: a list in brackets is missing"},
    {HEAD "5 machine signs=[", "line 2, column 18: a text in quotes is missing"},
    {HEAD "5 machine signs=[\"a\" \"b\"]", "line 2, column 17: the list is not closed on its line"},
    {HEAD "5 machine signs=[\"a\",]", "line 2, column 22: a text in quotes is missing"},
    {HEAD "5 file.open result=-9223372036854775809", "line 2, column 20: the number is beyond 64"},
    {HEAD "5 file.open result=9223372036854775808", "line 2, column 20: the number is beyond 64"},
    {HEAD "5 file.open result=-", "line 2, column 21: a number is missing"},
    {HEAD "recording pid=1", "line 2, column 11: recording has no field \"pid\""},
};

static void errors_name_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++) {
        const struct bad_text *row = &bad_texts[i];
        struct thaw_recording *recording = NULL;
        struct thaw_error error = {0};
        int result = sample_parse(row->text, strlen(row->text), &recording, &error);

        if (result >= 0 || error.code != result ||
            strncmp(error.message, row->message, strlen(row->message)) != 0)
            fail_msg("row %zu: %d, \"%s\" instead of \"%s\"", i, result, error.message,
                     row->message);
        assert_null(recording);
        sample_assert_one_line(error.message);
    }
}

static void a_nul_byte_is_no_blank(void **state)
{
    static const char text[] = HEAD "5 probe pid=1\0 tid=1\n";
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(sample_parse(text, sizeof(text) - 1, &recording, &error), -EINVAL);
    assert_string_equal(error.message, "line 2, column 14: a blank is missing after the value");
}

/* 64 KiB of text and 65,536 items are read; one more is told. */
static void limits_are_those_of_the_binary_form(void **state)
{
    size_t size = 4 * THAW_LIST_LIMIT + 200;
    char *text = malloc(size);

    (void)state;
    assert_non_null(text);
    for (size_t more = 0; more < 2; more++) {
        struct thaw_recording *recording = NULL;
        struct thaw_error error = {0};
        size_t length;
        int wanted = more ? -EINVAL : 0;

        length = (size_t)sprintf(text, HEAD "5 probe name=\"");
        memset(text + length, 'x', THAW_TEXT_LIMIT_BYTES + more);
        length += THAW_TEXT_LIMIT_BYTES + more;
        text[length++] = '"';
        assert_int_equal(sample_parse(text, length, &recording, &error), wanted);
        if (!more)
            assert_int_equal(strlen(recording->events[0].probe.name), THAW_TEXT_LIMIT_BYTES);
        thaw_recording_free(recording);

        recording = NULL;
        length = (size_t)sprintf(text, HEAD "5 machine signs=[\"\"");
        for (size_t i = 1; i < THAW_LIST_LIMIT + more; i++, length += 3)
            memcpy(text + length, ",\"\"", 3);
        text[length++] = ']';
        assert_int_equal(sample_parse(text, length, &recording, &error), wanted);
        if (!more)
            assert_int_equal(recording->events[0].machine.signs.count, THAW_LIST_LIMIT);
        thaw_recording_free(recording);
    }
    free(text);
}

static void a_text_cut_anywhere_is_read_or_refused(void **state)
{
    struct sample_file file = sample_file_make(1000);
    struct thaw_recording *recording = NULL;
    char *text;
    size_t refused = 0;

    (void)state;
    assert_int_equal(sample_parse(file.bytes, file.length, &recording, NULL), 0);
    recording->count = 40; /* of all kinds would take long */
    text = write_text(recording);
    for (size_t cut = 0; cut < strlen(text); cut++) {
        struct thaw_recording *part = NULL;
        struct thaw_error error = {0};

        if (sample_parse(text, cut, &part, &error) < 0) {
            sample_assert_one_line(error.message);
            refused++;
        }
        thaw_recording_free(part);
    }
    assert_true(refused > 1000);
    free(text);
    thaw_recording_free(recording);
    sample_file_free(&file);
}

static void a_full_disk_is_told(void **state)
{
    struct thaw_recording *recording = parse(HEAD "1 process.fork pid=2\n");
    struct thaw_error error = {0};
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_int_equal(thaw_recording_write_text(recording, full, &error), -ENOSPC);
    assert_non_null(strstr(error.message, "No space left"));
    fclose(full);
    thaw_recording_free(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(what_is_written_is_plain),
        cmocka_unit_test(a_text_written_by_hand_is_read),
        cmocka_unit_test(what_a_recording_says_of_itself_is_read),
        cmocka_unit_test(lines_are_put_in_order),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(a_nul_byte_is_no_blank),
        cmocka_unit_test(limits_are_those_of_the_binary_form),
        cmocka_unit_test(a_text_cut_anywhere_is_read_or_refused),
        cmocka_unit_test(a_full_disk_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
