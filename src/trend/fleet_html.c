/* SPDX-License-Identifier: Apache-2.0 */
#include "report/xml_text.h"
#include "trend/fleet.h"
#include "trend/fleet_view.h"
#include "trend/page_head.h"

/* Of the style below: tests/live/test_audit_answers.py checks it. Every text is escaped. */
#define STYLE_DIGEST "sha256-MfMKxJWbYB0lLlABT3W2Yr/17ScdQ0lDfp/RS7nIFqI="

static const char style[] =
    ":root{color-scheme:light dark;--page:#fff;--ink:#14181e;--faint:#565f6b;--line:#d5dae0;-"
    "-good:#0b6b3a;--bad:#a11f16;font:1rem/1.5 system-ui,sans-serif}@media screen and (prefer"
    "s-color-scheme:dark){:root{--page:#14181e;--ink:#e8ebef;--faint:#a3adb9;--line:#39424d;-"
    "-good:#7fd6a4;--bad:#ff9a8f}}body{margin:0 auto;padding:1rem;max-width:72rem;background:"
    "var(--page);color:var(--ink)}h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;marg"
    "in:2rem 0 .5rem;overflow-wrap:anywhere}p,li{overflow-wrap:anywhere}.faint{color:var(--fa"
    "int)}.bad{color:var(--bad)}.good{color:var(--good)}.scroll{overflow-x:auto}table{border-"
    "collapse:collapse;font-size:.875rem}th,td{padding:.2rem 1rem .2rem 0;text-align:start;fo"
    "nt-weight:400;border-bottom:1px solid var(--line);white-space:nowrap}thead th{font-weigh"
    "t:600}.number{text-align:end;font-variant-numeric:tabular-nums}";

static const char *const classes[] = {"plain", "bad", "good", "faint"};

static const char *html_text(struct thaw_fleet_page *page, const char *text)
{
    const char *safe = thaw_xml_text(&page->summary.arena, text);

    page->summary.failed |= !safe;
    return safe ? safe : "";
}

static void write_head(struct thaw_fleet_page *page)
{
    FILE *stream = page->summary.stream;

    thaw_page_head_write(stream, &(struct thaw_page_head){.title = "cold starts",
                                                          .heading = "Cold starts",
                                                          .style = style,
                                                          .digest = STYLE_DIGEST});
    fprintf(stream, "<p>%s</p>\n", html_text(page, page->head));
}

static void write_sentences(struct thaw_fleet_page *page,
                            const struct thaw_fleet_sentence *sentences, size_t count)
{
    if (count)
        fputs("<ul>\n", page->summary.stream);
    for (size_t i = 0; i < count; i++)
        fprintf(page->summary.stream, "<li class=\"%s\">%s</li>\n", classes[sentences[i].style],
                html_text(page, sentences[i].text));
    if (count)
        fputs("</ul>\n", page->summary.stream);
}

static void write_cells(struct thaw_fleet_page *page, const struct thaw_fleet_section *section,
                        const struct thaw_fleet_row *row)
{
    FILE *stream = page->summary.stream;

    fprintf(stream, "<tr class=\"%s\">", classes[row->style]);
    for (size_t i = 0; i < section->column_count; i++)
        fprintf(stream, "<%s%s>%s</%s>", i ? "td" : "th scope=\"row\"",
                section->columns[i].right ? " class=\"number\"" : "",
                html_text(page, row->cells[i]), i ? "td" : "th");
    fputs("</tr>\n", stream);
}

static void write_table(struct thaw_fleet_page *page, const struct thaw_fleet_section *section)
{
    FILE *stream = page->summary.stream;

    fputs("<div class=\"scroll\"><table>\n<thead><tr>", stream);
    for (size_t i = 0; i < section->column_count; i++)
        fprintf(stream, "<th scope=\"col\"%s>%s</th>",
                section->columns[i].right ? " class=\"number\"" : "",
                html_text(page, section->columns[i].name));
    fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t i = 0; i < section->rows.count; i++)
        write_cells(page, section, &section->rows.items[i]);
    fputs("</tbody></table></div>\n", stream);
}

int thaw_write_fleet_html(const json_t *fleet, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_fleet_page page;

    (void)options;
    thaw_fleet_page_begin(&page, fleet, NULL, stream);
    write_head(&page);
    write_sentences(&page, page.notes.items, page.notes.count);
    for (size_t i = 0; i < page.sections.count; i++) {
        const struct thaw_fleet_section *section = &page.sections.items[i];

        if (!section->rows.count && !section->sentences.count)
            continue;
        fprintf(stream, "<h2>%s</h2>\n", html_text(&page, section->title));
        if (section->rows.count)
            write_table(&page, section);
        write_sentences(&page, section->sentences.items, section->sentences.count);
    }
    fputs("</main>\n</body>\n</html>\n", stream);
    return thaw_fleet_page_end(&page, error);
}
