/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_ATTRIBUTES_H
#define THAW_REPORT_ATTRIBUTES_H

/*
 * Names of what spans and metrics say beside their figures, in one table: those of OpenTelemetry's
 * semantic conventions (https://opentelemetry.io/docs/specs/semconv/) and thaw's own.
 */
enum thaw_attribute {
    THAW_ATTRIBUTE_SERVICE_NAME,
    THAW_ATTRIBUTE_SDK_NAME,
    THAW_ATTRIBUTE_SDK_LANGUAGE,
    THAW_ATTRIBUTE_SDK_VERSION,
    THAW_ATTRIBUTE_HOST_ARCH,
    THAW_ATTRIBUTE_OS_TYPE,
    THAW_ATTRIBUTE_PROCESS_PID,
    THAW_ATTRIBUTE_PROCESS_PATH,
    THAW_ATTRIBUTE_PROCESS_NAME,
    THAW_ATTRIBUTE_RUNTIME_NAME,
    THAW_ATTRIBUTE_RUNTIME_VERSION,
    THAW_ATTRIBUTE_FAAS_NAME,
    THAW_ATTRIBUTE_FAAS_COLD_START,
    THAW_ATTRIBUTE_FAAS_INVOCATION,
    THAW_ATTRIBUTE_FAAS_TRIGGER,
    THAW_ATTRIBUTE_THREAD_ID,
    THAW_ATTRIBUTE_FILE_PATH,
    THAW_ATTRIBUTE_SESSION,
    THAW_ATTRIBUTE_PLATFORM,
    THAW_ATTRIBUTE_BACKEND,
    THAW_ATTRIBUTE_COMPLETE,
    THAW_ATTRIBUTE_INCOMPLETE,
    THAW_ATTRIBUTE_ANSWERED,
    THAW_ATTRIBUTE_TOTAL,
    THAW_ATTRIBUTE_UNATTRIBUTED,
    THAW_ATTRIBUTE_COUNTED,
    THAW_ATTRIBUTE_CONFIDENCE,
    THAW_ATTRIBUTE_IMPORTS,
    THAW_ATTRIBUTE_IMPORTS_OMITTED,
    THAW_ATTRIBUTE_IMPORTS_LEAST,
    THAW_ATTRIBUTE_MODULE,
    THAW_ATTRIBUTE_DISTRIBUTION,
    THAW_ATTRIBUTE_OWNER,
    THAW_ATTRIBUTE_STATUS,
    THAW_ATTRIBUTE_SELF,
    THAW_ATTRIBUTE_RETAINED,
    THAW_ATTRIBUTE_TIMED,
    THAW_ATTRIBUTE_INVOCATION_STATUS,
    THAW_ATTRIBUTES,
};

const char *thaw_attribute_name(enum thaw_attribute attribute);

/* The version of the conventions that the names are of. */
extern const char thaw_attribute_schema[];

/* The word that the conventions have for the kernel's name of a machine ("x86_64"), NULL: none. */
const char *thaw_attribute_arch(const char *machine);

#endif
