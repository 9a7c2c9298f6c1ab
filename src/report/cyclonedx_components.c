/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "report/cyclonedx.h"
#include "report/keys.h"
#include "report/spdx.h"
#include "report/summary.h"

/* The standard allows 1,024 characters; the property has all of a longer one. */
enum { most_version_bytes = 1024 };

/* A value as a property has it; NULL: null, or of no plain type. */
static json_t *property_value(const json_t *value)
{
    if (json_is_string(value))
        return json_string(json_string_value(value));
    if (json_is_boolean(value))
        return json_string(json_is_true(value) ? "true" : "false");
    if (!json_is_integer(value))
        return NULL;
    char digits[24];

    snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
    return json_string(digits);
}

static void add_property(struct thaw_bom *bom, json_t **list, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    json_t *property, *text;
    char name[80];

    if (!json_is_string(value) && !json_is_boolean(value) && !json_is_integer(value))
        return;
    if (!*list)
        *list = thaw_values_array(&bom->values);
    property = thaw_values_object(&bom->values);
    text = property_value(value);
    snprintf(name, sizeof(name), "thaw:%s", key);
    thaw_values_set_text(&bom->values, property, "name", name);
    thaw_values_set(&bom->values, property, "value", text);
    thaw_values_append(&bom->values, *list, property);
}

json_t *thaw_bom_properties(struct thaw_bom *bom, const json_t *object, const char *const *keys)
{
    json_t *list = NULL;
    char bytes[64];

    for (; *keys; keys++) {
        add_property(bom, &list, object, *keys);
        snprintf(bytes, sizeof(bytes), "%s_bytes", *keys);
        if (json_is_string(json_object_get(object, *keys)))
            add_property(bom, &list, object, bytes);
    }
    return list;
}

static void set_properties(struct thaw_bom *bom, json_t *component, const json_t *object,
                           const char *const *keys)
{
    json_t *properties = thaw_bom_properties(bom, object, keys);

    if (properties)
        thaw_values_set(&bom->values, component, "properties", properties);
}

/* A name that PyPI could have: PyPA, "Names and normalization". */
static bool is_name(const char *name)
{
    static const char ends[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(name);

    return length && strspn(name, all) == length && strchr(ends, name[0]) &&
           strchr(ends, name[length - 1]);
}

/* Percent-encoding of https://github.com/package-url/purl-spec; NULL: memory is short. */
static const char *encoded(struct thaw_bom *bom, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";
    char *out = thaw_arena_allocate(&bom->arena, strlen(text) * 3 + 1), *end = out;

    for (; out && *text; text++)
        if (strchr(plain, *text))
            *end++ = *text;
        else
            end += sprintf(end, "%%%02X", (unsigned char)*text);
    return out;
}

/* Of conda only: its information is a file of conda-meta, there is no .dist-info. */
static bool is_conda_only(const json_t *distribution)
{
    const char *info = thaw_key_string(distribution, "info"), *end = strrchr(info, '.');

    return strcmp(thaw_key_string(distribution, "installer"), "conda") == 0 && end &&
           strcmp(end, ".json") == 0;
}

/*
 * A package URL says that the component is PyPI's or conda's: it is left out for what can't be
 * (names that are none, versions that are not UTF-8) and for what is developed in place.
 */
static void set_purl(struct thaw_bom *bom, json_t *component, const json_t *distribution)
{
    bool conda = is_conda_only(distribution);
    const char *name = conda ? thaw_key_string(distribution, "name")
                             : thaw_key_name(&bom->arena, distribution, "name");
    const char *version, *purl;

    if (!is_name(thaw_key_string(distribution, "name")) ||
        *thaw_key_string(distribution, "editable") ||
        json_object_get(distribution, "version_bytes"))
        return;
    version = encoded(bom, thaw_key_string(distribution, "version"));
    purl = name && version
               ? thaw_arena_format(&bom->arena, "pkg:%s/%s%s%s", conda ? "conda" : "pypi", name,
                                   *version ? "@" : "", version)
               : NULL;
    bom->values.failed |= !purl;
    thaw_values_set_text(&bom->values, component, "purl", purl);
}

static void set_licenses(struct thaw_bom *bom, json_t *component, const json_t *distribution)
{
    const char *license = thaw_key_string(distribution, "license");
    enum thaw_license_form form = thaw_license_form(license);
    json_t *list, *choice, *object;

    if (!*license)
        return;
    list = thaw_values_array(&bom->values);
    choice = thaw_values_object(&bom->values);
    if (form == THAW_LICENSE_EXPRESSION) {
        thaw_values_set_text(&bom->values, choice, "expression", license);
        thaw_values_set_text(&bom->values, choice, "acknowledgement", "declared");
    } else {
        object = thaw_values_object(&bom->values);
        thaw_values_set_text(&bom->values, object, form == THAW_LICENSE_ID ? "id" : "name",
                             license);
        thaw_values_set_text(&bom->values, object, "acknowledgement", "declared");
        thaw_values_set(&bom->values, choice, "license", object);
    }
    thaw_values_append(&bom->values, list, choice);
    thaw_values_set(&bom->values, component, "licenses", list);
}

/* Where it was found: its metadata, else the folder that holds it. */
static void set_evidence(struct thaw_bom *bom, json_t *component, const json_t *distribution)
{
    const char *place = thaw_key_string(distribution, "info");
    json_t *evidence, *list, *occurrence;

    if (!*place)
        place = thaw_key_string(distribution, "location");
    if (!*place)
        return;
    evidence = thaw_values_object(&bom->values);
    list = thaw_values_array(&bom->values);
    occurrence = thaw_values_object(&bom->values);
    thaw_values_set_text(&bom->values, occurrence, "location", place);
    thaw_values_append(&bom->values, list, occurrence);
    thaw_values_set(&bom->values, evidence, "occurrences", list);
    thaw_values_set(&bom->values, component, "evidence", evidence);
}

/*
 * Bytes of a library are hashed by thaw only to find equal ones, with a hash that CycloneDX doesn't
 * have: no hashes are told.
 */
static json_t *library_component(struct thaw_bom *bom, size_t number)
{
    static const char *const keys[] = {"soname", "build_id", "type", "machine",
                                       "bytes",  "loaded",   "path", NULL};
    const json_t *library = json_array_get(bom->libraries, number);
    json_t *component = thaw_values_object(&bom->values);

    thaw_values_set_text(&bom->values, component, "type", "file");
    thaw_values_set_text(&bom->values, component, "bom-ref", bom->library_refs[number]);
    thaw_values_set_text(&bom->values, component, "name", thaw_key_string(library, "path"));
    set_properties(bom, component, library, keys);
    return component;
}

/* Required is what something asks for; of the others nothing is said (the standard's default). */
static json_t *distribution_component(struct thaw_bom *bom, size_t number)
{
    static const char *const keys[] = {
        "bytes",    "disk_bytes", "files",     "exclusive_bytes", "exclusive_disk_bytes",
        "location", "installer",  "editable",  "misfit",          "direct",
        "used",     "modules",    "import_ns", "loaded_bytes",    "name",
        "version",  NULL};
    const json_t *distribution = json_array_get(bom->distributions, number);
    const char *version = thaw_key_string(distribution, "version");
    json_t *component = thaw_values_object(&bom->values);

    thaw_values_set_text(&bom->values, component, "type", "library");
    thaw_values_set_text(&bom->values, component, "bom-ref", bom->distribution_refs[number]);
    thaw_values_set_text(&bom->values, component, "name", thaw_key_string(distribution, "name"));
    if (*version && strlen(version) <= most_version_bytes)
        thaw_values_set_text(&bom->values, component, "version", version);
    if (thaw_summary_is(distribution, "direct") ||
        json_array_size(json_object_get(distribution, "required_by")))
        thaw_values_set_text(&bom->values, component, "scope", "required");
    set_licenses(bom, component, distribution);
    set_purl(bom, component, distribution);
    set_evidence(bom, component, distribution);
    set_properties(bom, component, distribution, keys);
    return component;
}

/* Into its distribution's component, or beside the distributions. */
static void add_library(struct thaw_bom *bom, json_t *components, size_t number)
{
    size_t owner = thaw_bom_owner(bom, json_array_get(bom->libraries, number));
    json_t *component = library_component(bom, number), *parent, *nested;

    if (owner == SIZE_MAX) {
        thaw_values_append(&bom->values, components, component);
        return;
    }
    parent = json_array_get(components, owner);
    nested = json_object_get(parent, "components");
    if (!nested) {
        nested = thaw_values_array(&bom->values);
        thaw_values_set(&bom->values, parent, "components", nested);
    }
    thaw_values_append(&bom->values, nested, component);
}

json_t *thaw_bom_components(struct thaw_bom *bom)
{
    json_t *components = thaw_values_array(&bom->values);

    for (size_t i = 0; i < json_array_size(bom->distributions) && !bom->values.failed; i++)
        thaw_values_append(&bom->values, components, distribution_component(bom, i));
    for (size_t i = 0; i < json_array_size(bom->libraries) && !bom->values.failed; i++)
        if (bom->library_refs[i])
            add_library(bom, components, i);
    return components;
}
