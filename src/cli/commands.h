/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_COMMANDS_H
#define THAW_CLI_COMMANDS_H

#include "cli/command.h"

/* The commands, each defined in the file of its name. */
extern const struct thaw_command thaw_command_attach;
extern const struct thaw_command thaw_command_audit;
extern const struct thaw_command thaw_command_deps;
extern const struct thaw_command thaw_command_diff;
extern const struct thaw_command thaw_command_doctor;
extern const struct thaw_command thaw_command_explain;
extern const struct thaw_command thaw_command_fix;
extern const struct thaw_command thaw_command_gate;
extern const struct thaw_command thaw_command_help;
extern const struct thaw_command thaw_command_history;
extern const struct thaw_command thaw_command_lint;
extern const struct thaw_command thaw_command_prove;
extern const struct thaw_command thaw_command_record;
extern const struct thaw_command thaw_command_report;
extern const struct thaw_command thaw_command_schema;
extern const struct thaw_command thaw_command_version;

#endif
