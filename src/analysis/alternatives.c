/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/alternatives.h"

#define DATED "2026-11-28"
#define URLLIB                                                                                     \
    "docs.python.org/3/library/urllib.request.html: requests with headers, data and a timeout"

/* 2028-11-28T00:00:00Z */
const uint64_t thaw_alternatives_until_ns = (uint64_t)1858982400 * 1000000000;

static const char *const codec_uses[] = {"dump", "dumps", "load", "loads", "JSONDecodeError", NULL};
static const char *const toml_uses[] = {"load", "loads", "TOMLDecodeError", NULL};

static const char *const pkg_resources_uses[] = {
    "get_distribution",  "DistributionNotFound", "iter_entry_points",
    "resource_filename", "resource_string",      "resource_stream",
    "resource_exists",   "parse_version",        NULL,
};

/* Of a table: what csv and a loop do not replace by a few lines. */
static const char *const tables[] = {
    "groupby",     "merge",       "pivot",
    "pivot_table", "resample",    "rolling",
    "melt",        "concat",      "stack",
    "unstack",     "sort_values", "value_counts",
    "to_numpy",    "to_datetime", "describe",
    "to_sql",      "to_excel",    "to_parquet",
    "to_json",     "fillna",      "interpolate",
    "apply",       "loc",         "iloc",
    "agg",         "aggregate",   "drop_duplicates",
    "assign",      "set_index",   "astype",
    "corr",        "quantile",    "cumsum",
    "shift",       "diff",        "median",
    "std",         "to_numeric",  "isna",
    "notna",       "dropna",      "nlargest",
    "to_feather",  "plot",        NULL,
};
static const char *const table_uses[] = {"read_csv", "errors", NULL};

static const char *const requests_uses[] = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "RequestException",
    "ConnectionError",
    "HTTPError",
    "ConnectTimeout",
    "Timeout",
    "ReadTimeout",
    "JSONDecodeError",
    "exceptions",
    "Response",
    "codes",
    NULL,
};
static const char *const requests_beyond[] = {
    "iter_content", "iter_lines", "mount", "HTTPBasicAuth", "HTTPAdapter", "Session", NULL};

static const char *const httpx_uses[] = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "HTTPError",
    "RequestError",
    "ConnectError",
    "ConnectTimeout",
    "ReadTimeout",
    "TimeoutException",
    "HTTPStatusError",
    "Response",
    NULL,
};
static const char *const httpx_beyond[] = {"AsyncClient", "Client", "iter_bytes", "stream", NULL};

static const char *const pytz_uses[] = {"timezone", "utc", "UTC", "UnknownTimeZoneError", NULL};
static const char *const pytz_beyond[] = {"localize", "normalize", NULL};

static const struct thaw_alternative rows[] = {
    {"httpx", httpx_uses, httpx_beyond, "urllib.request", 8,
     "it raises for answers from 400 on, has no json(), no HTTP/2 and no form of several files",
     URLLIB, DATED},
    {"pandas", table_uses, tables, "csv", 8,
     "it reads rows of texts: columns keep no types, and arithmetic over columns is a loop",
     "docs.python.org/3/library/csv.html: rows as dicts of texts (DictReader)", DATED},
    {"pkg_resources", pkg_resources_uses, NULL, "importlib.metadata", 10,
     "resources are importlib.resources', versions packaging.version's",
     "setuptools.pypa.io/en/latest/pkg_resources.html: deprecated in favour of "
     "importlib.metadata and importlib.resources",
     DATED},
    {"pytz", pytz_uses, pytz_beyond, "zoneinfo", 9,
     "it needs the system's time zones or the package tzdata",
     "PEP 615: time zones in the standard library", DATED},
    {"requests", requests_uses, requests_beyond, "urllib.request", 8,
     "it raises for answers from 400 on, has no json(), and its certificates are the system's",
     URLLIB, DATED},
    {"simplejson", codec_uses, NULL, "json", 8, "it has no use_decimal and no for_json",
     "Lib/json/__init__.py of CPython: it is derived from simplejson", DATED},
    {"tomli", toml_uses, NULL, "tomllib", 11, "it is the same code",
     "PEP 680: tomllib is tomli in the standard library", DATED},
};

const struct thaw_alternative *thaw_alternatives(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
