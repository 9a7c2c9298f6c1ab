/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/rules.h"

/* In the order of the checklist; what is about thaw's own reading comes last. */
static const char *const areas[] = {
    "cold-start", "secrets",    "dependencies", "timeouts", "scaling", "retries",
    "deployment", "monitoring", "model",        "durable",  "sources", "when-not",
    "recording",  "lambda",     "files",        NULL,
};

/* By area, in the order above, then by id. */
static const struct thaw_lint_rule *const rules[] = {
    /* cold-start */
    &thaw_rule_keep_alive_timer,
    &thaw_rule_no_instance_kept_warm,
    &thaw_rule_timer_at_startup,
    &thaw_rule_work_at_import,
    /* secrets */
    &thaw_rule_anonymous_http,
    &thaw_rule_key_vault_reference_invalid,
    &thaw_rule_key_vault_reference_not_here,
    &thaw_rule_local_settings_shipped,
    &thaw_rule_local_settings_tracked,
    &thaw_rule_secret_in_settings,
    &thaw_rule_secret_in_source,
    /* dependencies */
    &thaw_rule_development_package_shipped,
    &thaw_rule_environment_shipped,
    &thaw_rule_foreign_platform_library,
    &thaw_rule_functions_library_missing,
    &thaw_rule_manifest_not_read_by_build,
    &thaw_rule_native_without_remote_build,
    &thaw_rule_package_ended,
    &thaw_rule_package_too_large,
    &thaw_rule_requirement_not_pinned,
    &thaw_rule_requirements_missing,
    &thaw_rule_requirements_not_hashed,
    &thaw_rule_runtime_pinned_prerelease,
    &thaw_rule_standard_library_required,
    &thaw_rule_worker_in_requirements,
    /* timeouts */
    &thaw_rule_http_longer_than_230s,
    &thaw_rule_long_work_in_handler,
    &thaw_rule_timeout_beyond_plan,
    &thaw_rule_timeout_not_set,
    /* scaling */
    &thaw_rule_concurrency_setting_ignored,
    &thaw_rule_http_concurrency_high,
    &thaw_rule_instances_out_of_range,
    &thaw_rule_root_http,
    &thaw_rule_scale_out_setting_preview,
    &thaw_rule_sync_handlers_wait,
    &thaw_rule_threads_do_nothing,
    &thaw_rule_timer_each_second,
    &thaw_rule_worker_processes_multiply_imports,
    /* retries */
    &thaw_rule_event_hub_no_retry,
    &thaw_rule_poison_unhandled,
    &thaw_rule_retry_endless,
    &thaw_rule_retry_in_host_json,
    &thaw_rule_retry_without_effect,
    /* deployment */
    &thaw_rule_always_on_missing,
    &thaw_rule_dead_weight_shipped,
    &thaw_rule_development_storage_deployed,
    &thaw_rule_flex_deployment_storage,
    &thaw_rule_funcignore_missing,
    &thaw_rule_ignored_in_vain,
    &thaw_rule_image_size,
    &thaw_rule_package_not_mounted,
    &thaw_rule_package_setting_on_flex,
    &thaw_rule_remote_build_contradiction,
    &thaw_rule_slots_on_flex,
    /* monitoring */
    &thaw_rule_both_insights_settings,
    &thaw_rule_instrumentation_key,
    &thaw_rule_log_level_verbose,
    &thaw_rule_no_alerts,
    &thaw_rule_no_telemetry,
    &thaw_rule_results_not_logged,
    &thaw_rule_sampling_drops_requests,
    &thaw_rule_sampling_off,
    /* model */
    &thaw_rule_asgi_not_exposed,
    &thaw_rule_base_image_ended,
    &thaw_rule_blueprint_not_registered,
    &thaw_rule_bundle_missing,
    &thaw_rule_bundle_outdated,
    &thaw_rule_connection_not_set,
    &thaw_rule_entry_missing,
    &thaw_rule_function_name_twice,
    &thaw_rule_harmful_setting,
    &thaw_rule_host_key_unknown,
    &thaw_rule_host_missing,
    &thaw_rule_host_value_invalid,
    &thaw_rule_host_value_overridden,
    &thaw_rule_host_version,
    &thaw_rule_linux_fx_version,
    &thaw_rule_mixed_models,
    &thaw_rule_model_v1,
    &thaw_rule_no_function_found,
    &thaw_rule_not_a_python_app,
    &thaw_rule_plan_retiring,
    &thaw_rule_proxies_gone,
    &thaw_rule_python_end_of_life,
    &thaw_rule_python_not_on_plan,
    &thaw_rule_route_twice,
    &thaw_rule_runtime_version,
    &thaw_rule_setting_gone,
    &thaw_rule_setting_misspelt,
    &thaw_rule_setting_out_of_range,
    &thaw_rule_setting_without_effect,
    &thaw_rule_several_apps,
    /* durable */
    &thaw_rule_activity_without_retry,
    &thaw_rule_hub_name_usual,
    &thaw_rule_orchestrator_async,
    &thaw_rule_orchestrator_blocks,
    &thaw_rule_orchestrator_nondeterministic,
    &thaw_rule_orchestrator_not_generator,
    &thaw_rule_payload_large,
    /* sources */
    &thaw_rule_annotation_rejected,
    &thaw_rule_binding_unknown,
    &thaw_rule_blocking_call_in_async,
    &thaw_rule_client_for_a_binding,
    &thaw_rule_client_per_call,
    /* when-not */
    &thaw_rule_not_for_functions,
    /* recording */
    &thaw_rule_concurrency_not_reached,
    &thaw_rule_init_indexing_moved_imports,
    &thaw_rule_init_near_limit_of_plan,
    &thaw_rule_instrumentation_costs_more,
    &thaw_rule_recording_of_another_app,
    &thaw_rule_setting_not_in_effect,
    &thaw_rule_worker_end_of_life,
    /* lambda */
    &thaw_rule_lambda_architecture,
    &thaw_rule_lambda_handler_missing,
    &thaw_rule_lambda_init,
    &thaw_rule_lambda_layers,
    &thaw_rule_lambda_memory,
    &thaw_rule_lambda_runtime_ending,
    &thaw_rule_lambda_timeout,
    /* files */
    &thaw_rule_duplicate_key,
    &thaw_rule_facts_expired,
    &thaw_rule_file_malformed,
    &thaw_rule_no_app_found,
    &thaw_rule_not_all_read,
    &thaw_rule_unused_suppression,
};

const struct thaw_lint_rule *const *thaw_lint_rules(size_t *ret_count)
{
    *ret_count = sizeof(rules) / sizeof(rules[0]);
    return rules;
}

const char *const *thaw_lint_areas(void)
{
    return areas;
}

const struct thaw_lint_rule *thaw_lint_rule_find(const char *id)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!strcmp(rules[i]->kind.id, id))
            return rules[i];
    return NULL;
}
