/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project_input.h"

/* Keys of these tests are made up; a part that is repeated keeps scanners of secrets quiet. */
#define KEY_11 "aB3dE5gH7jK"
#define KEY_22 KEY_11 KEY_11
#define KEY_86 KEY_22 KEY_22 KEY_22 "aB3dE5gH7jKaB3dE5gH7"
#define GUID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define HEX_32 "0f8fad5bd9cb469fa16570867728950e"

struct row {
    const char *name, *value;
    enum thaw_setting_shape shape;
};

static struct thaw_setting judge(const char *name, const char *value)
{
    struct thaw_setting setting = {.name = name, .detail = ""};

    assert_int_equal(thaw_setting_judge(project, &setting, value, strlen(value)), 0);
    return setting;
}

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct thaw_setting setting = judge(rows[i].name, rows[i].value);

        if (setting.shape != rows[i].shape)
            fail_msg("%s = %s: %s", rows[i].name, rows[i].value,
                     thaw_setting_shape_name(setting.shape));
        assert_true(!setting.value || !thaw_setting_shape_is_secret(setting.shape));
    }
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void plain_values_have_plain_shapes(void **state)
{
    static const struct row rows[] = {
        {"A", "", THAW_SHAPE_EMPTY},
        {"A", " \t", THAW_SHAPE_EMPTY},
        {"A", "true", THAW_SHAPE_BOOLEAN},
        {"A", "False", THAW_SHAPE_BOOLEAN},
        {"A", "0", THAW_SHAPE_NUMBER},
        {"A", "-1.5", THAW_SHAPE_NUMBER},
        {"A", "1.2.3", THAW_SHAPE_WORD},
        {"FUNCTIONS_EXTENSION_VERSION", "~4", THAW_SHAPE_WORD},
        {"A", "python", THAW_SHAPE_WORD},
        {"A", "https://example.org/a?b=c", THAW_SHAPE_URL},
        {"A", "a b", THAW_SHAPE_TEXT},
        {"A", "[\"https://example.org\"]", THAW_SHAPE_TEXT},
        {"A", "{\"a\": 1}", THAW_SHAPE_TEXT},
        {"AZURE_CLIENT_ID", GUID, THAW_SHAPE_WORD},
        {"AZURE_TENANT_ID", GUID, THAW_SHAPE_WORD},
        {"RESOURCE_KEY", "/subscriptions/" GUID "/resourceGroups/rg", THAW_SHAPE_TEXT},
        {"KEY_FILE_KEY", "/var/lib/aB3dE5gH7jKaB3dE5gH7jK", THAW_SHAPE_TEXT},
        {"VAULT_KEY", "https://" KEY_22 ".example.org/", THAW_SHAPE_URL},
        {"Queue__accountName", "mystorageaccount", THAW_SHAPE_WORD},
        {"Bus__fullyQualifiedNamespace", "bus.servicebus.windows.net", THAW_SHAPE_WORD},
        {"Bus__credential", "managedidentity", THAW_SHAPE_WORD},
        {"PARTITION_KEY", "customer-number", THAW_SHAPE_WORD},
        {"SECRET_NAME", "database-password", THAW_SHAPE_WORD},
        {"CACHE_KEY", "User-Profile-Cache-Key-2", THAW_SHAPE_WORD},
        {"SETTINGS_KEY", "Orders.ProcessingOptions.Version2", THAW_SHAPE_WORD},
        {"JWT_PUBLIC_KEY", KEY_22 KEY_22, THAW_SHAPE_TEXT},
        {"COMMIT", HEX_32, THAW_SHAPE_WORD},
        {"PASSWORD", "from-key-vault", THAW_SHAPE_WORD},
        {"A", "skills-and-learning-something", THAW_SHAPE_WORD},
        {"A", "sk-learn-based-classifier-model", THAW_SHAPE_WORD},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void placeholders_are_no_secrets(void **state)
{
    static const struct row rows[] = {
        {"API_KEY", "<your key>", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "your-api-key-0123456789AbCdEf", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "changeme", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "XXXXXXXX", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "****", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "%API_KEY%", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "${API_KEY}", THAW_SHAPE_PLACEHOLDER},
        {"API_KEY", "#{ApiKey}#", THAW_SHAPE_PLACEHOLDER},
        {"S", "AccountName=a;AccountKey=${storage.listKeys().keys[0].value};",
         THAW_SHAPE_PLACEHOLDER},
        {"S", "postgresql://%s:%s@%s/%s", THAW_SHAPE_URL},
        {"S", "postgresql://{user}:{password}@{host}/db", THAW_SHAPE_URL},
        {"S", "postgresql://user:password@host/db", THAW_SHAPE_URL},
        {"S", "https://hooks.slack.com/services/...", THAW_SHAPE_URL},
        {"API_KEY", "__API_KEY__", THAW_SHAPE_PLACEHOLDER},
        {"PASSWORD", "<Passw0rd>", THAW_SHAPE_PLACEHOLDER},
        {"S", "DefaultEndpointsProtocol=https;AccountName=<name>;AccountKey=<key>",
         THAW_SHAPE_PLACEHOLDER},
        {"S", "Server=tcp:a.database.windows.net;Password={your_password};",
         THAW_SHAPE_PLACEHOLDER},
        {"S", "Endpoint=sb://<ns>.servicebus.windows.net/;SharedAccessKey=<a key of some length>",
         THAW_SHAPE_PLACEHOLDER},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void secrets_are_told_by_their_form(void **state)
{
    static const struct row rows[] = {
        {"S",
         "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" KEY_86 "==;Endpoint"
         "Suffix=core.windows.net",
         THAW_SHAPE_STORAGE_KEY},
        {"S", KEY_86 "==", THAW_SHAPE_STORAGE_KEY},
        {"S", "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey=" KEY_86 "==;",
         THAW_SHAPE_COSMOS_KEY},
        {"CosmosKey", KEY_86 "==", THAW_SHAPE_COSMOS_KEY},
        {"S",
         "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=" KEY_22
             KEY_22 "=",
         THAW_SHAPE_SHARED_KEY},
        {"S", "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=" KEY_22,
         THAW_SHAPE_TEXT},
        {"S", "https://a.blob.core.windows.net/c?sv=2022-11-02&sr=c&sig=" KEY_22 "%2B" KEY_11 "%3D",
         THAW_SHAPE_SIGNED_URL},
        {"S", "Call https://example.org/api?code=" KEY_22 " to see", THAW_SHAPE_TEXT},
        {"S", "?sv=2022-11-02&sr=c&sig=" KEY_22, THAW_SHAPE_SIGNED_URL},
        {"S", "https://example.org/?signature=" KEY_22, THAW_SHAPE_URL},
        {"S", "https://a.azurewebsites.net/api/f?code=" KEY_22 "==", THAW_SHAPE_SIGNED_URL},
        {"S", "postgresql://user:hunter2@db.example.org/app", THAW_SHAPE_SIGNED_URL},
        {"S", "https://hooks.slack.com/services/T00000000/B00000000/" KEY_22,
         THAW_SHAPE_SIGNED_URL},
        {"S", "amqp://guest:guest@localhost:5672/", THAW_SHAPE_URL},
        {"S", "https://user@example.org/", THAW_SHAPE_URL},
        {"S", "Server=tcp:a.database.windows.net;User ID=b;Password=hunter2;", THAW_SHAPE_PASSWORD},
        {"S", "Server=a;Uid=b;Pwd = hunter2", THAW_SHAPE_PASSWORD},
        {"S", "host=a user=b password=hunter2", THAW_SHAPE_PASSWORD},
        {"S", "a.redis.cache.windows.net:6380,password=hunter2,ssl=True", THAW_SHAPE_PASSWORD},
        {"S", "Server=a;Authentication=Active Directory Default;", THAW_SHAPE_TEXT},
        {"S", "NoPassword=a", THAW_SHAPE_TEXT},
        {"S",
         "AKIA"
         "IOSFODNN7EXAMPLE",
         THAW_SHAPE_TOKEN},
        {"S", "AKIAIOSFODNN7EXAMPLEandmore", THAW_SHAPE_WORD},
        {"S", "ghp_" KEY_22 KEY_11 "abc", THAW_SHAPE_TOKEN},
        {"S", "github_pat_" KEY_22 "_" KEY_22, THAW_SHAPE_TOKEN},
        {"S", "sk-proj-" KEY_22 KEY_22, THAW_SHAPE_TOKEN},
        {"S",
         "xoxb-"
         "1234567890-" KEY_22,
         THAW_SHAPE_TOKEN},
        {"S", "AIza" KEY_22 KEY_11 "xY", THAW_SHAPE_TOKEN},
        {"S", "SG." KEY_22 "." KEY_22 KEY_11 KEY_11, THAW_SHAPE_TOKEN},
        {"S", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." KEY_22, THAW_SHAPE_TOKEN},
        {"S", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." KEY_22, THAW_SHAPE_TOKEN},
        {"S", "-----BEGIN RSA PRIVATE KEY-----\nMII", THAW_SHAPE_TOKEN},
        {"S", "-----BEGIN CERTIFICATE-----\nMII", THAW_SHAPE_TEXT},
        {"S", "{\"type\": \"service_account\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\"}",
         THAW_SHAPE_TOKEN},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void secrets_are_told_by_their_name(void **state)
{
    static const struct row rows[] = {
        {"API_KEY", KEY_22, THAW_SHAPE_TOKEN},
        {"API_KEY", "/B3dE5gH7jKaB3dE5gH7jKaB3dE5gH7jK==", THAW_SHAPE_TOKEN},
        {"API_KEY", "k3f9x2m7q1z8w4r6t5y0b2n4v6c8", THAW_SHAPE_TOKEN},
        {"API_KEY", "orders-service-production-key-2", THAW_SHAPE_WORD},
        {"apiKey", HEX_32, THAW_SHAPE_TOKEN},
        {"ApiKey_2", KEY_22, THAW_SHAPE_TOKEN},
        {"CLIENT_SECRET", "aB3~dE5gH7.jK-lM9nO_pQ1r", THAW_SHAPE_TOKEN},
        {"SOME_TOKEN", GUID, THAW_SHAPE_TOKEN},
        {"WEBSITE_AUTH_ENCRYPTION_KEY", HEX_32, THAW_SHAPE_TOKEN},
        {"DB_PASSWORD", "hunter2", THAW_SHAPE_PASSWORD},
        {"DB_PASSWORD", "p\xC3\xA4ss-W0rt", THAW_SHAPE_PASSWORD},
        {"password", KEY_22, THAW_SHAPE_PASSWORD},
        {"DB_PASS", "hunter2", THAW_SHAPE_PASSWORD},
        {"SOMETHING", KEY_22, THAW_SHAPE_WORD},
        {"DB_PASSWORD", "true", THAW_SHAPE_BOOLEAN},
        {"DB_PASSWORD", "get_secret(\"x1\")", THAW_SHAPE_TEXT},
        {"DB_PASSWORD", "short", THAW_SHAPE_WORD},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void what_everybody_may_know_is_no_secret(void **state)
{
    static const struct row rows[] = {
        {"AzureWebJobsStorage", "UseDevelopmentStorage=true", THAW_SHAPE_DEVELOPMENT},
        {"S",
         "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
         "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
         "K1SZFPTOtr/KBHBeksoGMGw==;",
         THAW_SHAPE_DEVELOPMENT},
        {"S",
         "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=SAS_KEY_VALUE;"
         "UseDevelopmentEmulator=true;",
         THAW_SHAPE_DEVELOPMENT},
        {"APPLICATIONINSIGHTS_CONNECTION_STRING",
         "InstrumentationKey=" GUID ";IngestionEndpoint=https://a.in.example.org/",
         THAW_SHAPE_INSIGHTS},
        {"APPINSIGHTS_INSTRUMENTATIONKEY", GUID, THAW_SHAPE_GUID},
    };

    (void)state;
    ASSERT_ROWS(rows);
    assert_false(thaw_setting_shape_is_secret(THAW_SHAPE_INSIGHTS));
    assert_false(thaw_setting_shape_is_secret(THAW_SHAPE_REFERENCE));
    assert_true(thaw_setting_shape_is_secret(THAW_SHAPE_PASSWORD));
    for (int shape = 0; shape < THAW_SHAPES; shape++)
        assert_true(strlen(thaw_setting_shape_name((enum thaw_setting_shape)shape)) > 3);
}

static void references_are_checked(void **state)
{
    static const struct {
        const char *value, *words; /* NULL: well formed */
    } rows[] = {
        {"@Microsoft.KeyVault(SecretUri=https://a-b.vault.azure.net/secrets/name)", NULL},
        {"@Microsoft.KeyVault(SecretUri=https://a-b.vault.azure.net/secrets/name/)", NULL},
        {"@Microsoft.KeyVault(SecretUri=https://v.vault.azure.cn/secrets/n-1/0123abcd)", NULL},
        {"@Microsoft.KeyVault(VaultName=abc;SecretName=name)", NULL},
        {"@Microsoft.KeyVault(SecretName=name;VaultName=abc;SecretVersion=)", NULL},
        {"@Microsoft.KeyVault(VaultName=${vault};SecretName=x)", NULL},
        {"@Microsoft.KeyVault(SecretUri={0})", NULL},
        {"@Microsoft.KeyVault()", "names no secret"},
        {"@Microsoft.KeyVault", "bracket has to follow"},
        {"@Microsoft.KeyVault(VaultName=abc;SecretName=name", "closing bracket"},
        {"@Microsoft.KeyVault(VaultName=abc;SecretName=name);x", "stands behind"},
        {"AccountKey=@Microsoft.KeyVault(VaultName=abc;SecretName=name)", "part of one"},
        {"@Microsoft.KeyVault(VaultName=abc)", "SecretName= is missing"},
        {"@Microsoft.KeyVault(SecretName=abc)", "VaultName= is missing"},
        {"@Microsoft.KeyVault(VaultName=abc,SecretName=name)", "separated by ;"},
        {"@Microsoft.KeyVault(VaultName=abc;SecretName=name;Version=1)", "a part other"},
        {"@Microsoft.KeyVault(VaultName=https://abc.vault.azure.net;SecretName=name)", "alone"},
        {"@Microsoft.KeyVault(VaultName=abc;SecretName=my_name)", "hyphens"},
        {"@Microsoft.KeyVault(abc)", "neither"},
        {"@Microsoft.KeyVault(SecretUri=abc.vault.azure.net/secrets/name)", "https://"},
        {"@Microsoft.KeyVault(SecretUri=https://abc.vault.azure.net)", "no vault"},
        {"@Microsoft.KeyVault(SecretUri=https://abc.vault.azure.net/keys/name)", "/secrets/"},
        {"@Microsoft.KeyVault(SecretUri=https://abc.vault.azure.net/secrets/)", "hyphens"},
        {"@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/n/1/2)", "more than"},
        {"@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/n;VaultName=a;x=1)",
         "other than SecretUri"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_setting setting = judge("S", rows[i].value);

        if (setting.shape !=
                (rows[i].words ? THAW_SHAPE_REFERENCE_INVALID : THAW_SHAPE_REFERENCE) ||
            !strstr(setting.detail, rows[i].words ? rows[i].words : ""))
            fail_msg("%s: %s", rows[i].value, setting.detail);
        assert_null(setting.value);
    }
}

static void only_open_names_keep_their_values(void **state)
{
    static const char *const open[] = {
        "FUNCTIONS_WORKER_RUNTIME",
        "functions_extension_version",
        "WEBSITE_RUN_FROM_PACKAGE",
        "SCM_DO_BUILD_DURING_DEPLOYMENT",
        "PYTHON_THREADPOOL_THREAD_COUNT",
        "AzureFunctionsJobHost__functionTimeout",
        "AzureFunctionsJobHost:logging:logLevel:default",
        "AzureWebJobsFeatureFlags",
        "AzureWebJobsSecretStorageType",
        "AzureWebJobs.Orders.Disabled",
        "ENABLE_ORYX_BUILD",
        "AWS_LAMBDA_EXEC_WRAPPER",
    };
    static const char *const closed[] = {
        "AzureWebJobsStorage",
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_AUTH_ENCRYPTION_KEY",
        "WEBSITE_SOMETHING_SECRET",
        "AWS_LAMBDA_TOKEN",
        "AzureFunctionsJobHost__x__password",
        "DEBUG",
        "AzureWebJobsMyOwn",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_true(thaw_setting_is_open(open[i]));
        assert_string_equal(judge(open[i], " ~4 ").value, "~4");
        assert_null(judge(open[i], "a text").value);
        assert_null(judge(open[i], KEY_22).value); /* no word of the platform's */
    }
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        assert_false(thaw_setting_is_open(closed[i]));
        assert_null(judge(closed[i], "true").value);
    }
}

/* Of bytes with a length: what is behind them is not looked at. */
static void values_end_where_they_end(void **state)
{
    struct thaw_setting setting = {.name = "PYTHON_X"};

    (void)state;
    assert_int_equal(thaw_setting_judge(project, &setting, "truest", 4), 0);
    assert_int_equal(setting.shape, THAW_SHAPE_BOOLEAN);
    assert_string_equal(setting.value, "true");
    assert_int_equal(thaw_setting_judge(project, &setting, "a\0b", 3), 0);
    assert_int_equal(setting.shape, THAW_SHAPE_TEXT);
    assert_int_equal(thaw_setting_judge(project, &setting, NULL, 0), 0);
    assert_int_equal(setting.shape, THAW_SHAPE_EMPTY);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_setting setting = {.name = "PYTHON_X"};
        int code = -ENOMEM;

        project = thaw_project_new();
        if (project)
            code = thaw_setting_judge(project, &setting, "1", 1);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        project_end(NULL);
    }
}

#define IN_PROJECT(test) cmocka_unit_test_setup_teardown(test, project_begin, project_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROJECT(plain_values_have_plain_shapes),
        IN_PROJECT(placeholders_are_no_secrets),
        IN_PROJECT(secrets_are_told_by_their_form),
        IN_PROJECT(secrets_are_told_by_their_name),
        IN_PROJECT(what_everybody_may_know_is_no_secret),
        IN_PROJECT(references_are_checked),
        IN_PROJECT(only_open_names_keep_their_values),
        IN_PROJECT(values_end_where_they_end),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
