/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_RULES_H
#define THAW_LINT_RULES_H

#include "lint/lint.h"

/*
 * All rows, a block for each file that defines some. A rule is listed here and in rule_table.c,
 * which tells its place among the others; a test finds the one that is forgotten.
 */

/* rules_durable.c */
extern const struct thaw_lint_rule thaw_rule_orchestrator_nondeterministic;
extern const struct thaw_lint_rule thaw_rule_orchestrator_blocks;
extern const struct thaw_lint_rule thaw_rule_orchestrator_not_generator;
extern const struct thaw_lint_rule thaw_rule_orchestrator_async;
extern const struct thaw_lint_rule thaw_rule_activity_without_retry;

/* rules_durable_hub.c */
extern const struct thaw_lint_rule thaw_rule_payload_large;
extern const struct thaw_lint_rule thaw_rule_hub_name_usual;

/* rules_sources.c */
extern const struct thaw_lint_rule thaw_rule_annotation_rejected;
extern const struct thaw_lint_rule thaw_rule_blocking_call_in_async;
extern const struct thaw_lint_rule thaw_rule_client_per_call;
extern const struct thaw_lint_rule thaw_rule_secret_in_source;
extern const struct thaw_lint_rule thaw_rule_work_at_import;

/* rules_bindings.c */
extern const struct thaw_lint_rule thaw_rule_client_for_a_binding;
extern const struct thaw_lint_rule thaw_rule_binding_unknown;

/* rules_dependencies.c */
extern const struct thaw_lint_rule thaw_rule_requirement_not_pinned;
extern const struct thaw_lint_rule thaw_rule_requirements_not_hashed;

/* rules_dependencies_build.c */
extern const struct thaw_lint_rule thaw_rule_functions_library_missing;
extern const struct thaw_lint_rule thaw_rule_manifest_not_read_by_build;

/* rules_dependencies_packages.c */
extern const struct thaw_lint_rule thaw_rule_worker_in_requirements;
extern const struct thaw_lint_rule thaw_rule_development_package_shipped;
extern const struct thaw_lint_rule thaw_rule_runtime_pinned_prerelease;
extern const struct thaw_lint_rule thaw_rule_package_ended;
extern const struct thaw_lint_rule thaw_rule_standard_library_required;

/* rules_dependencies_shipped.c */
extern const struct thaw_lint_rule thaw_rule_foreign_platform_library;
extern const struct thaw_lint_rule thaw_rule_native_without_remote_build;
extern const struct thaw_lint_rule thaw_rule_package_too_large;

/* rules_shipped.c */
extern const struct thaw_lint_rule thaw_rule_funcignore_missing;
extern const struct thaw_lint_rule thaw_rule_dead_weight_shipped;

/* rules_when_not.c */
extern const struct thaw_lint_rule thaw_rule_not_for_functions;

/* rules_recording.c */
extern const struct thaw_lint_rule thaw_rule_concurrency_not_reached;
extern const struct thaw_lint_rule thaw_rule_init_near_limit_of_plan;
extern const struct thaw_lint_rule thaw_rule_init_indexing_moved_imports;
extern const struct thaw_lint_rule thaw_rule_setting_not_in_effect;

/* rules_recording_app.c */
extern const struct thaw_lint_rule thaw_rule_worker_end_of_life;
extern const struct thaw_lint_rule thaw_rule_instrumentation_costs_more;
extern const struct thaw_lint_rule thaw_rule_recording_of_another_app;

/* rules_lambda.c */
extern const struct thaw_lint_rule thaw_rule_lambda_timeout;
extern const struct thaw_lint_rule thaw_rule_lambda_memory;
extern const struct thaw_lint_rule thaw_rule_lambda_init;
extern const struct thaw_lint_rule thaw_rule_lambda_runtime_ending;

/* rules_lambda_package.c */
extern const struct thaw_lint_rule thaw_rule_lambda_layers;
extern const struct thaw_lint_rule thaw_rule_lambda_architecture;
extern const struct thaw_lint_rule thaw_rule_image_size;

#endif
