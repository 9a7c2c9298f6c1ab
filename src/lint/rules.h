/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_RULES_H
#define THAW_LINT_RULES_H

#include "lint/lint.h"

/*
 * All rows, a block for each file that defines some. A rule is listed here and in rule_table.c,
 * which tells its place among the others; a test finds the one that is forgotten.
 */

/* rules/bindings.c */
extern const struct thaw_lint_rule thaw_rule_client_for_a_binding;
extern const struct thaw_lint_rule thaw_rule_binding_unknown;

/* rules/cold_start.c */
extern const struct thaw_lint_rule thaw_rule_no_instance_kept_warm;
extern const struct thaw_lint_rule thaw_rule_keep_alive_timer;

/* rules/dependencies.c */
extern const struct thaw_lint_rule thaw_rule_requirement_not_pinned;
extern const struct thaw_lint_rule thaw_rule_requirements_not_hashed;

/* rules/dependencies_build.c */
extern const struct thaw_lint_rule thaw_rule_functions_library_missing;
extern const struct thaw_lint_rule thaw_rule_manifest_not_read_by_build;
extern const struct thaw_lint_rule thaw_rule_requirements_missing;

/* rules/dependencies_packages.c */
extern const struct thaw_lint_rule thaw_rule_worker_in_requirements;
extern const struct thaw_lint_rule thaw_rule_development_package_shipped;
extern const struct thaw_lint_rule thaw_rule_runtime_pinned_prerelease;
extern const struct thaw_lint_rule thaw_rule_package_ended;
extern const struct thaw_lint_rule thaw_rule_standard_library_required;

/* rules/dependencies_shipped.c */
extern const struct thaw_lint_rule thaw_rule_foreign_platform_library;
extern const struct thaw_lint_rule thaw_rule_native_without_remote_build;
extern const struct thaw_lint_rule thaw_rule_package_too_large;

/* rules/deployment.c */
extern const struct thaw_lint_rule thaw_rule_slots_on_flex;
extern const struct thaw_lint_rule thaw_rule_package_not_mounted;
extern const struct thaw_lint_rule thaw_rule_package_setting_on_flex;
extern const struct thaw_lint_rule thaw_rule_development_storage_deployed;
extern const struct thaw_lint_rule thaw_rule_flex_deployment_storage;
extern const struct thaw_lint_rule thaw_rule_remote_build_contradiction;
extern const struct thaw_lint_rule thaw_rule_always_on_missing;

/* rules/durable.c */
extern const struct thaw_lint_rule thaw_rule_orchestrator_nondeterministic;
extern const struct thaw_lint_rule thaw_rule_orchestrator_blocks;
extern const struct thaw_lint_rule thaw_rule_orchestrator_not_generator;
extern const struct thaw_lint_rule thaw_rule_orchestrator_async;
extern const struct thaw_lint_rule thaw_rule_activity_without_retry;

/* rules/durable_hub.c */
extern const struct thaw_lint_rule thaw_rule_payload_large;
extern const struct thaw_lint_rule thaw_rule_hub_name_usual;

/* rules/files.c */
extern const struct thaw_lint_rule thaw_rule_file_malformed;
extern const struct thaw_lint_rule thaw_rule_duplicate_key;
extern const struct thaw_lint_rule thaw_rule_not_all_read;
extern const struct thaw_lint_rule thaw_rule_no_app_found;
extern const struct thaw_lint_rule thaw_rule_facts_expired;
extern const struct thaw_lint_rule thaw_rule_unused_suppression;

/* rules/lambda.c */
extern const struct thaw_lint_rule thaw_rule_lambda_timeout;
extern const struct thaw_lint_rule thaw_rule_lambda_memory;
extern const struct thaw_lint_rule thaw_rule_lambda_init;
extern const struct thaw_lint_rule thaw_rule_lambda_runtime_ending;

/* rules/lambda_handler.c */
extern const struct thaw_lint_rule thaw_rule_lambda_handler_missing;

/* rules/lambda_package.c */
extern const struct thaw_lint_rule thaw_rule_lambda_layers;
extern const struct thaw_lint_rule thaw_rule_lambda_architecture;
extern const struct thaw_lint_rule thaw_rule_image_size;

/* rules/model_bundle.c */
extern const struct thaw_lint_rule thaw_rule_bundle_missing;
extern const struct thaw_lint_rule thaw_rule_bundle_outdated;
extern const struct thaw_lint_rule thaw_rule_host_version;

/* rules/model_connections.c */
extern const struct thaw_lint_rule thaw_rule_connection_not_set;

/* rules/model_entry.c */
extern const struct thaw_lint_rule thaw_rule_host_missing;
extern const struct thaw_lint_rule thaw_rule_entry_missing;
extern const struct thaw_lint_rule thaw_rule_asgi_not_exposed;

/* rules/model_functions.c */
extern const struct thaw_lint_rule thaw_rule_model_v1;
extern const struct thaw_lint_rule thaw_rule_mixed_models;
extern const struct thaw_lint_rule thaw_rule_function_name_twice;
extern const struct thaw_lint_rule thaw_rule_route_twice;
extern const struct thaw_lint_rule thaw_rule_several_apps;
extern const struct thaw_lint_rule thaw_rule_blueprint_not_registered;

/* rules/model_harmful.c */
extern const struct thaw_lint_rule thaw_rule_harmful_setting;

/* rules/model_host.c */
extern const struct thaw_lint_rule thaw_rule_host_key_unknown;
extern const struct thaw_lint_rule thaw_rule_host_value_invalid;

/* rules/model_outdated.c */
extern const struct thaw_lint_rule thaw_rule_base_image_ended;
extern const struct thaw_lint_rule thaw_rule_proxies_gone;
extern const struct thaw_lint_rule thaw_rule_no_function_found;

/* rules/model_overridden.c */
extern const struct thaw_lint_rule thaw_rule_host_value_overridden;

/* rules/model_platform.c */
extern const struct thaw_lint_rule thaw_rule_plan_retiring;
extern const struct thaw_lint_rule thaw_rule_python_end_of_life;
extern const struct thaw_lint_rule thaw_rule_python_not_on_plan;
extern const struct thaw_lint_rule thaw_rule_runtime_version;
extern const struct thaw_lint_rule thaw_rule_linux_fx_version;

/* rules/model_settings.c */
extern const struct thaw_lint_rule thaw_rule_setting_gone;
extern const struct thaw_lint_rule thaw_rule_setting_out_of_range;
extern const struct thaw_lint_rule thaw_rule_setting_without_effect;
extern const struct thaw_lint_rule thaw_rule_setting_misspelt;

/* rules/model_worker.c */
extern const struct thaw_lint_rule thaw_rule_not_a_python_app;

/* rules/monitoring.c */
extern const struct thaw_lint_rule thaw_rule_instrumentation_key;
extern const struct thaw_lint_rule thaw_rule_both_insights_settings;
extern const struct thaw_lint_rule thaw_rule_no_telemetry;
extern const struct thaw_lint_rule thaw_rule_sampling_off;
extern const struct thaw_lint_rule thaw_rule_sampling_drops_requests;
extern const struct thaw_lint_rule thaw_rule_log_level_verbose;
extern const struct thaw_lint_rule thaw_rule_no_alerts;

/* rules/monitoring_levels.c */
extern const struct thaw_lint_rule thaw_rule_results_not_logged;

/* rules/recording.c */
extern const struct thaw_lint_rule thaw_rule_concurrency_not_reached;
extern const struct thaw_lint_rule thaw_rule_init_near_limit_of_plan;
extern const struct thaw_lint_rule thaw_rule_init_indexing_moved_imports;
extern const struct thaw_lint_rule thaw_rule_setting_not_in_effect;

/* rules/recording_app.c */
extern const struct thaw_lint_rule thaw_rule_recording_of_another_app;
extern const struct thaw_lint_rule thaw_rule_worker_end_of_life;
extern const struct thaw_lint_rule thaw_rule_instrumentation_costs_more;

/* rules/retries.c */
extern const struct thaw_lint_rule thaw_rule_retry_in_host_json;
extern const struct thaw_lint_rule thaw_rule_retry_without_effect;
extern const struct thaw_lint_rule thaw_rule_retry_endless;
extern const struct thaw_lint_rule thaw_rule_poison_unhandled;
extern const struct thaw_lint_rule thaw_rule_event_hub_no_retry;

/* rules/scaling.c */
extern const struct thaw_lint_rule thaw_rule_root_http;
extern const struct thaw_lint_rule thaw_rule_concurrency_setting_ignored;
extern const struct thaw_lint_rule thaw_rule_scale_out_setting_preview;
extern const struct thaw_lint_rule thaw_rule_instances_out_of_range;

/* rules/scaling_workers.c */
extern const struct thaw_lint_rule thaw_rule_sync_handlers_wait;
extern const struct thaw_lint_rule thaw_rule_threads_do_nothing;
extern const struct thaw_lint_rule thaw_rule_worker_processes_multiply_imports;
extern const struct thaw_lint_rule thaw_rule_http_concurrency_high;

/* rules/secrets.c */
extern const struct thaw_lint_rule thaw_rule_secret_in_settings;
extern const struct thaw_lint_rule thaw_rule_key_vault_reference_invalid;
extern const struct thaw_lint_rule thaw_rule_key_vault_reference_not_here;
extern const struct thaw_lint_rule thaw_rule_local_settings_shipped;
extern const struct thaw_lint_rule thaw_rule_anonymous_http;

/* rules/secrets_kept.c */
extern const struct thaw_lint_rule thaw_rule_local_settings_tracked;

/* rules/shipped.c */
extern const struct thaw_lint_rule thaw_rule_funcignore_missing;
extern const struct thaw_lint_rule thaw_rule_dead_weight_shipped;

/* rules/shipped_ignored.c */
extern const struct thaw_lint_rule thaw_rule_environment_shipped;
extern const struct thaw_lint_rule thaw_rule_ignored_in_vain;

/* rules/sources.c */
extern const struct thaw_lint_rule thaw_rule_annotation_rejected;
extern const struct thaw_lint_rule thaw_rule_blocking_call_in_async;
extern const struct thaw_lint_rule thaw_rule_client_per_call;
extern const struct thaw_lint_rule thaw_rule_secret_in_source;
extern const struct thaw_lint_rule thaw_rule_work_at_import;

/* rules/timeouts.c */
extern const struct thaw_lint_rule thaw_rule_timeout_not_set;
extern const struct thaw_lint_rule thaw_rule_timeout_beyond_plan;
extern const struct thaw_lint_rule thaw_rule_http_longer_than_230s;
extern const struct thaw_lint_rule thaw_rule_long_work_in_handler;

/* rules/timers.c */
extern const struct thaw_lint_rule thaw_rule_timer_at_startup;
extern const struct thaw_lint_rule thaw_rule_timer_each_second;

/* rules/when_not.c */
extern const struct thaw_lint_rule thaw_rule_not_for_functions;

#endif
