/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_FUNCTION_RPC_WORDS_H
#define THAW_PLATFORM_FUNCTION_RPC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/wire.h"

/*
 * Words that may leave a FunctionRpc message, told from text that may not. Each function fills
 * word (room for THAW_WIRE_WORD_BYTES and a NUL) with a word of harmless characters or leaves it
 * alone; text is length bytes, not terminated.
 */

/* A binding's type if it is a trigger's ("httpTrigger", "orchestrationTrigger"). */
void thaw_function_rpc_trigger(const char *text, size_t length, char *word);

/* The same from a binding as JSON: {"type": "httpTrigger", ...}. */
void thaw_function_rpc_trigger_in_json(const char *text, size_t length, char *word);

/*
 * An exception's type from its message, which the Python worker builds as "TYPE: TEXT". TEXT can
 * hold secrets, so only a first word that stands before ": " and looks like an exception class is
 * taken (thaw_word_of_exception() says what looks like one).
 */
void thaw_function_rpc_exception_in_message(const char *text, size_t length, char *word);

#endif
