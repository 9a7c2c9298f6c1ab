/* SPDX-License-Identifier: Apache-2.0 */
#include "trend/page_head.h"

void thaw_page_head_write(FILE *stream, const struct thaw_page_head *head)
{
    fprintf(stream,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n"
            "<meta name=\"generator\" content=\"thaw\">\n"
            "<title>thaw: %s</title>\n<link rel=\"icon\" href=\"data:,\">\n"
            "<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n",
            head->digest, head->title, head->style, head->heading);
}
