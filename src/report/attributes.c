/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/attributes.h"

const char thaw_attribute_schema[] = "https://opentelemetry.io/schemas/1.37.0";

static const char *const names[THAW_ATTRIBUTES] = {
    [THAW_ATTRIBUTE_SERVICE_NAME] = "service.name",
    [THAW_ATTRIBUTE_SERVICE_INSTANCE] = "service.instance.id",
    [THAW_ATTRIBUTE_SDK_NAME] = "telemetry.sdk.name",
    [THAW_ATTRIBUTE_SDK_LANGUAGE] = "telemetry.sdk.language",
    [THAW_ATTRIBUTE_SDK_VERSION] = "telemetry.sdk.version",
    [THAW_ATTRIBUTE_HOST_ARCH] = "host.arch",
    [THAW_ATTRIBUTE_HOST_NAME] = "host.name",
    [THAW_ATTRIBUTE_OS_TYPE] = "os.type",
    [THAW_ATTRIBUTE_PROCESS_PID] = "process.pid",
    [THAW_ATTRIBUTE_PROCESS_PATH] = "process.executable.path",
    [THAW_ATTRIBUTE_PROCESS_NAME] = "process.executable.name",
    [THAW_ATTRIBUTE_PROCESS_CONTROL_GROUP] = "process.linux.cgroup",
    [THAW_ATTRIBUTE_CONTAINER_ID] = "container.id",
    [THAW_ATTRIBUTE_POD_UID] = "k8s.pod.uid",
    [THAW_ATTRIBUTE_RUNTIME_NAME] = "process.runtime.name",
    [THAW_ATTRIBUTE_RUNTIME_VERSION] = "process.runtime.version",
    [THAW_ATTRIBUTE_FAAS_NAME] = "faas.name",
    [THAW_ATTRIBUTE_FAAS_INSTANCE] = "faas.instance",
    [THAW_ATTRIBUTE_FAAS_COLD_START] = "faas.coldstart",
    [THAW_ATTRIBUTE_FAAS_INVOCATION] = "faas.invocation_id",
    [THAW_ATTRIBUTE_FAAS_TRIGGER] = "faas.trigger",
    [THAW_ATTRIBUTE_THREAD_ID] = "thread.id",
    [THAW_ATTRIBUTE_FILE_PATH] = "code.file.path",
    [THAW_ATTRIBUTE_SESSION] = "thaw.session",
    [THAW_ATTRIBUTE_PLATFORM] = "thaw.platform",
    [THAW_ATTRIBUTE_BACKEND] = "thaw.backend",
    [THAW_ATTRIBUTE_COMPLETE] = "thaw.complete",
    [THAW_ATTRIBUTE_INCOMPLETE] = "thaw.incomplete",
    [THAW_ATTRIBUTE_ANSWERED] = "thaw.answered",
    [THAW_ATTRIBUTE_TOTAL] = "thaw.total_ns",
    [THAW_ATTRIBUTE_UNATTRIBUTED] = "thaw.unattributed_ns",
    [THAW_ATTRIBUTE_COUNTED] = "thaw.counted",
    [THAW_ATTRIBUTE_CONFIDENCE] = "thaw.confidence",
    [THAW_ATTRIBUTE_IMPORTS] = "thaw.imports",
    [THAW_ATTRIBUTE_IMPORTS_OMITTED] = "thaw.imports_omitted",
    [THAW_ATTRIBUTE_IMPORTS_LEAST] = "thaw.imports_least_ns",
    [THAW_ATTRIBUTE_MODULE] = "thaw.module",
    [THAW_ATTRIBUTE_DISTRIBUTION] = "thaw.distribution",
    [THAW_ATTRIBUTE_OWNER] = "thaw.owner",
    [THAW_ATTRIBUTE_STATUS] = "thaw.status",
    [THAW_ATTRIBUTE_SELF] = "thaw.self_ns",
    [THAW_ATTRIBUTE_RETAINED] = "thaw.retained_ns",
    [THAW_ATTRIBUTE_TIMED] = "thaw.timed",
    [THAW_ATTRIBUTE_INVOCATION_STATUS] = "thaw.invocation_status",
    [THAW_ATTRIBUTE_FUNCTION] = "thaw.function",
    [THAW_ATTRIBUTE_WORKER] = "thaw.worker",
    [THAW_ATTRIBUTE_UNIT] = "thaw.unit",
    [THAW_ATTRIBUTE_START_HOST_NAME] = "thaw.host_name",
    [THAW_ATTRIBUTE_DEPLOYMENT] = "thaw.deployment",
    [THAW_ATTRIBUTE_FURTHER] = "thaw.further",
    [THAW_ATTRIBUTE_IMPORTS_TIME] = "thaw.imports_ns",
    [THAW_ATTRIBUTE_IMPORTS_FAILED] = "thaw.imports_failed",
};

const char *thaw_attribute_name(enum thaw_attribute attribute)
{
    return names[attribute];
}

const char *thaw_attribute_arch(const char *machine)
{
    static const struct {
        const char *machine, *word;
    } words[] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcmp(machine, words[i].machine))
            return words[i].word;
    return NULL;
}
