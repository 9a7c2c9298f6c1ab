/* SPDX-License-Identifier: Apache-2.0 */
/* What Azure Functions' bindings do that libraries of the Azure SDK do as well. */
#include "platform/azure_bindings.h"

#define DATED "2026-11-28"
#define LEARN "learn.microsoft.com/azure/azure-functions/functions-bindings-"

static const char *const blob_names[] = {"BlobServiceClient", "ContainerClient", "BlobClient",
                                         NULL};
static const char *const blob_acts[] = {"upload_blob", "download_blob", NULL};
static const char *const blob_beyond[] = {"list_blobs",
                                          "list_blob_names",
                                          "walk_blobs",
                                          "list_containers",
                                          "delete_blob",
                                          "delete_blobs",
                                          "exists",
                                          "get_blob_properties",
                                          "get_container_properties",
                                          "get_account_information",
                                          "set_blob_metadata",
                                          "set_blob_tags",
                                          "set_http_headers",
                                          "set_standard_blob_tier",
                                          "start_copy_from_url",
                                          "upload_blob_from_url",
                                          "create_container",
                                          "delete_container",
                                          "acquire_lease",
                                          "append_block",
                                          "create_append_blob",
                                          "stage_block",
                                          "commit_block_list",
                                          "create_page_blob",
                                          "upload_page",
                                          "create_snapshot",
                                          "undelete_blob",
                                          "query_blob",
                                          "find_blobs_by_tags",
                                          "chunks",
                                          "readinto",
                                          "ResourceExistsError",
                                          NULL};

static const char *const queue_names[] = {"QueueServiceClient", "QueueClient",
                                          "TextBase64EncodePolicy", "BinaryBase64EncodePolicy",
                                          NULL};
static const char *const queue_acts[] = {"send_message", NULL};
static const char *const queue_beyond[] = {"receive_message",
                                           "receive_messages",
                                           "peek_messages",
                                           "delete_message",
                                           "update_message",
                                           "clear_messages",
                                           "create_queue",
                                           "delete_queue",
                                           "list_queues",
                                           "get_queue_properties",
                                           "set_queue_metadata",
                                           "pop_receipt",
                                           NULL};

static const char *const cosmos_names[] = {"CosmosClient", NULL};
static const char *const cosmos_acts[] = {"read_item", "upsert_item", "create_item", NULL};
static const char *const cosmos_beyond[] = {"replace_item",
                                            "patch_item",
                                            "delete_item",
                                            "execute_item_batch",
                                            "query_items",
                                            "read_all_items",
                                            "query_items_change_feed",
                                            "delete_all_items_by_partition_key",
                                            "create_database",
                                            "create_database_if_not_exists",
                                            "create_container",
                                            "create_container_if_not_exists",
                                            "delete_container",
                                            "delete_database",
                                            "list_databases",
                                            "list_containers",
                                            "query_containers",
                                            "query_databases",
                                            "get_throughput",
                                            "replace_throughput",
                                            "scripts",
                                            "CosmosResourceExistsError",
                                            "ResourceExistsError",
                                            "CosmosAccessConditionFailedError",
                                            NULL};

static const char *const table_names[] = {"TableServiceClient", "TableClient", NULL};
static const char *const table_acts[] = {"create_entity", "get_entity", NULL};
static const char *const table_beyond[] = {"query_entities",
                                           "list_entities",
                                           "update_entity",
                                           "upsert_entity",
                                           "delete_entity",
                                           "submit_transaction",
                                           "create_table",
                                           "create_table_if_not_exists",
                                           "delete_table",
                                           "list_tables",
                                           "query_tables",
                                           "ResourceExistsError",
                                           NULL};

static const char *const bus_names[] = {"ServiceBusClient", "ServiceBusMessage", NULL};
static const char *const bus_acts[] = {"send_messages", NULL};
static const char *const bus_beyond[] = {"get_queue_receiver",
                                         "get_subscription_receiver",
                                         "receive_messages",
                                         "peek_messages",
                                         "schedule_messages",
                                         "cancel_scheduled_messages",
                                         "complete_message",
                                         "abandon_message",
                                         "defer_message",
                                         "dead_letter_message",
                                         "renew_message_lock",
                                         "create_message_batch",
                                         NULL};

static const char *const hub_names[] = {"EventHubProducerClient", "EventData", NULL};
static const char *const hub_acts[] = {"send_batch", "send_event", NULL};
static const char *const hub_beyond[] = {"get_partition_ids", "get_partition_properties",
                                         "get_eventhub_properties", "partition_id", NULL};

static const char by_call[] =
    "a binding knows the item's name from the call or the settings, before the function runs";
static const char on_return[] =
    "it is sent when the function has returned; a failure to send it fails the call";

const struct thaw_platform_binding thaw_azure_bindings[THAW_AZURE_BINDINGS] = {
    {"azure.cosmos", "a Cosmos DB input or output binding", cosmos_names, cosmos_acts,
     cosmos_beyond, by_call, LEARN "cosmosdb-v2", DATED},
    {"azure.data.tables", "a Table storage input or output binding", table_names, table_acts,
     table_beyond, by_call, LEARN "storage-table", DATED},
    {"azure.eventhub", "an Event Hubs output binding", hub_names, hub_acts, hub_beyond, on_return,
     LEARN "event-hubs-output", DATED},
    {"azure.servicebus", "a Service Bus output binding", bus_names, bus_acts, bus_beyond, on_return,
     LEARN "service-bus-output", DATED},
    {"azure.storage.blob", "a Blob storage trigger, input or output binding", blob_names, blob_acts,
     blob_beyond, by_call, LEARN "storage-blob", DATED},
    {"azure.storage.queue", "a Queue storage output binding", queue_names, queue_acts, queue_beyond,
     on_return, LEARN "storage-queue-output", DATED},
};
