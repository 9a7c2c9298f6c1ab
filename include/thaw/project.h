/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_H
#define THAW_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/shipped.h"
#include "thaw/texts.h"

/*
 * What the folder (or zip) of an app says about it: its settings, host.json, functions and their
 * bindings, manifests, templates of its deployment. Read from files alone: nothing of the app is
 * executed or imported, nothing is asked of a network.
 *
 * Values of settings are not kept, but for what can be no secret (struct thaw_setting); nor are
 * texts of the source, but for names. All texts are the project's and UTF-8 as it was found.
 */
#define THAW_PROJECT_NONE UINT32_MAX

/* Lines from 1, columns (characters) from 1; 0: not known. */
struct thaw_project_place {
    const char *file; /* relative to the app's folder; of a file named by the user, as it was
                         given; "" nowhere */
    uint32_t line, column;
    uint32_t last_line; /* of what begins there; 0 or line: that one only */
    bool is_named; /* the file is one that the user named: the app may have another so called */
};

/* --- settings (app settings, environment variables of a function) --- */

enum thaw_setting_origin {
    THAW_SETTING_LOCAL,    /* local.settings.json: of this machine, not of what is deployed */
    THAW_SETTING_EXPORTED, /* a file that the user named: what is deployed */
    THAW_SETTING_TEMPLATE, /* Bicep, ARM, Terraform, SAM in the app's folder or named by the user */
};

/* What a value looks like. Names in setting_shape.c ("storage-key" …). */
enum thaw_setting_shape {
    THAW_SHAPE_UNKNOWN, /* an expression of a template, or no text */
    THAW_SHAPE_EMPTY,
    THAW_SHAPE_BOOLEAN,
    THAW_SHAPE_NUMBER,
    THAW_SHAPE_WORD,              /* [A-Za-z0-9~._-], at most 40, no secret by its form */
    THAW_SHAPE_PLACEHOLDER,       /* "<your key>", "changeme", "%NAME%" */
    THAW_SHAPE_URL,               /* without a secret in it */
    THAW_SHAPE_TEXT,              /* anything else */
    THAW_SHAPE_DEVELOPMENT,       /* UseDevelopmentStorage=true, or the emulator's known key */
    THAW_SHAPE_INSIGHTS,          /* InstrumentationKey=…;IngestionEndpoint=… */
    THAW_SHAPE_GUID,              /* an instrumentation key, where the name says so */
    THAW_SHAPE_REFERENCE,         /* @Microsoft.KeyVault(…), well formed */
    THAW_SHAPE_REFERENCE_INVALID, /* the same, not well formed: detail says what is wrong */
    THAW_SHAPE_STORAGE_KEY,       /* AccountKey=, or such a key alone */
    THAW_SHAPE_COSMOS_KEY,        /* AccountKey= behind a Cosmos DB account's AccountEndpoint= */
    THAW_SHAPE_SHARED_KEY,        /* SharedAccessKey= (Service Bus, Event Hubs) */
    THAW_SHAPE_SIGNED_URL,        /* a URL with sig=, or with user:password@ */
    THAW_SHAPE_PASSWORD,          /* Password= or Pwd= in a connection string */
    THAW_SHAPE_TOKEN,             /* JWT, PEM, AKIA…, ghp_…, sk-…, xox… */
    THAW_SHAPES,
};

struct thaw_setting {
    const char *name;
    enum thaw_setting_origin origin;
    struct thaw_project_place place;
    const char *resource; /* the template's name of the app it belongs to, "" of no template */
    enum thaw_setting_shape shape;
    /* Kept only where the name is one of the platform's own (thaw_setting_is_open()) and the shape
     * is BOOLEAN, NUMBER or WORD; NULL: not kept. */
    const char *value;
    const char *detail; /* REFERENCE_INVALID: what is wrong, without the value; else "" */
};

/* --- facts that templates of the deployment state --- */

enum thaw_fact_kind {
    THAW_FACT_PLAN,               /* "consumption", "flex", "premium", "dedicated",
                                     "container-apps": by the SKU */
    THAW_FACT_SKU,                /* "FC1", "EP1", "Y1", "B1" */
    THAW_FACT_OS,                 /* "linux", "windows" */
    THAW_FACT_STACK,              /* linuxFxVersion: "Python|3.11" */
    THAW_FACT_RUNTIME,            /* functionAppConfig.runtime: "python" */
    THAW_FACT_PYTHON,             /* its version: "3.11" */
    THAW_FACT_ALWAYS_READY,       /* "http=1": group and number, a fact each */
    THAW_FACT_PREWARMED,          /* preWarmedInstanceCount */
    THAW_FACT_MINIMUM_ELASTIC,    /* minimumElasticInstanceCount */
    THAW_FACT_MAXIMUM_INSTANCES,  /* Flex maximumInstanceCount */
    THAW_FACT_SCALE_LIMIT,        /* functionAppScaleLimit */
    THAW_FACT_INSTANCE_MEMORY,    /* MB */
    THAW_FACT_HTTP_CONCURRENCY,   /* triggers.http.perInstanceConcurrency */
    THAW_FACT_ALWAYS_ON,          /* "true", "false" */
    THAW_FACT_SLOT,               /* a deployment slot's name */
    THAW_FACT_ALERT,              /* an alert rule's name */
    THAW_FACT_DEPLOYMENT_STORAGE, /* Flex functionAppConfig.deployment.storage: its type of
                                     authentication, "systemassignedidentity" … */
    THAW_FACT_MINIMUM_REPLICAS,   /* Container Apps */
    THAW_FACT_FUNCTION,           /* AWS: one function of a template; those below belong to it */
    THAW_FACT_MEMORY,             /* AWS, MB */
    THAW_FACT_TIMEOUT,            /* AWS, s */
    THAW_FACT_LAMBDA_RUNTIME,     /* "python3.11" */
    THAW_FACT_HANDLER,
    THAW_FACT_ARCHITECTURE, /* "x86_64", "arm64" */
    THAW_FACT_LAYER,        /* one each; not an account's number */
    THAW_FACT_PACKAGE_TYPE, /* "Image", "Zip" */
    THAW_FACT_PROVISIONED,  /* provisioned concurrency */
    THAW_FACT_SNAP_START,   /* "PublishedVersions" */
    THAW_FACT_EVENT,        /* a trigger's type: "Api", "HttpApi", "SQS" */
    THAW_FACT_CODE,         /* SAM's CodeUri, as written: "src/" */
    THAW_FACT_VISIBILITY,   /* visibility timeout of a queue that the function reads, s; "unset" */
    THAW_FACT_BASE_IMAGE,   /* FROM of a Dockerfile, the last stage's */
    THAW_FACT_KINDS,
};

struct thaw_project_fact {
    enum thaw_fact_kind kind;
    const char *value;    /* "" it is stated, but by an expression */
    const char *resource; /* the template's name of the app or function */
    struct thaw_project_place place;
    /* Numbers of the first and the next fact of the same resource and file, whatever its kind;
     * THAW_PROJECT_NONE: it is the last. */
    uint32_t first_of_resource, next_of_resource;
};

struct thaw_project_template {
    const char *file; /* modules of the app that it names are read with it and have no row */
    const char *form; /* "Bicep", "ARM", "Terraform", "SAM" (CloudFormation, too), "Azure CLI",
                         "Dockerfile" (has_app is false: it does not say how it is deployed) */
    uint64_t unread;  /* parts that could not be followed (modules, loops, unions): what is not
                         found may be in one of them */
    bool has_app;     /* it declares a function app (or function) */
    bool is_named;    /* as of places */
};

/* --- functions --- */

enum thaw_app_function_model {
    THAW_FUNCTION_V1,     /* function.json */
    THAW_FUNCTION_V2,     /* decorators */
    THAW_FUNCTION_LAMBDA, /* a handler named by a template, or lambda_handler */
};

enum thaw_app_function_kind {
    THAW_FUNCTION_PLAIN,
    THAW_FUNCTION_ORCHESTRATOR,
    THAW_FUNCTION_ACTIVITY,
    THAW_FUNCTION_ENTITY,
    THAW_FUNCTION_ASGI, /* AsgiFunctionApp, WsgiFunctionApp: one function for a whole web app */
};

/* Texts: "" none given, NULL: given, but not known (no literal). */
struct thaw_app_binding {
    const char *type; /* as in function.json: "httpTrigger", "queue"; NULL: generic, not literal */
    bool is_trigger;
    bool is_output;
    const char *parameter;  /* the name that the handler has for it */
    const char *connection; /* name of a setting */
    const char *route;
    struct thaw_texts methods; /* lower case; none: any */
    const char *auth_level;    /* "anonymous", "function", "admin"; "": the app's own holds */
    const char *schedule;      /* of a timer */
    bool at_startup;           /* a timer that is called at each start of the host, too */
    const char *path;          /* queue, topic, blob's path, event hub, container: what it is on;
                                  a trigger's of a topic "TOPIC/Subscriptions/SUBSCRIPTION" */
    struct thaw_project_place place;
};

/*
 * "return" stands for what is returned, where its annotation would be rejected. A parameter that
 * only a binding has is one, too, at the binding's place: indexing would reject that.
 */
struct thaw_app_parameter {
    const char *name;
    const char *annotation; /* as written, at most 120 characters; "" none */
    const char *rejected;   /* why indexing would reject it ("a forward reference that …"), "" it
                               would not */
    struct thaw_project_place place;
};

enum thaw_call_flag {
    THAW_CALL_AWAITED = 1 << 0,
    THAW_CALL_YIELDED = 1 << 1,
    THAW_CALL_IN_LOOP = 1 << 2,
    THAW_CALL_IN_ASYNC = 1 << 3,   /* the innermost function around it is a coroutine */
    THAW_CALL_HANDED_OFF = 1 << 4, /* within asyncio.to_thread(), run_in_executor() */
    THAW_CALL_IN_WITH = 1 << 5,    /* with X(): closed at the block's end */
    THAW_CALL_KEPT = 1 << 6,       /* its result outlives the call: it goes to a global name or an
                                      attribute, or the function around it is cached */
    THAW_CALL_IN_HANDLER = 1 << 7, /* within `except`: only when something went wrong */
};

/*
 * A call in the body of a handler, or in a function of the app that it calls (via), whose name can
 * be told: through imports, assignments of a constructor's result, and parameters of known types.
 * "requests.get", "requests.Session.get" (a method of what a variable was assigned),
 * "azure.durable_functions.DurableOrchestrationContext.call_activity" (the context of an
 * orchestrator), "os.environ.__getitem__" (os.environ["X"]), "open" (builtins). Left out: those of
 * azure.functions itself, and of builtins that do nothing outside of the process ("len").
 */
struct thaw_app_call {
    const char *name;
    uint32_t function;   /* THAW_PROJECT_NONE: at import, outside of any function */
    const char *via;     /* the app's function it stands in, "" the handler itself */
    unsigned flags;      /* enum thaw_call_flag */
    double seconds;      /* first argument, where it is a literal number; NaN: not */
    uint64_t text_bytes; /* of its longest literal argument */
    struct thaw_project_place place;
};

struct thaw_app_function {
    const char *name; /* as the host has it: of function_name(), else of the def */
    enum thaw_app_function_model model;
    enum thaw_app_function_kind kind;
    const char *app; /* v2: the variable of the app or blueprint, "" else */
    bool is_async;
    bool is_generator;
    bool is_registered;  /* its app is the one of function_app.py, or a registered blueprint */
    const char *handler; /* the def's name, v1: of scriptFile's main */
    const char *script;  /* file of the handler */
    struct thaw_project_place
        place; /* the def with its decorators; v1: function.json's beginning */
    struct thaw_app_binding *bindings;
    size_t binding_count;
    struct thaw_app_parameter *parameters;
    size_t parameter_count;
    const char *retry_strategy; /* "fixed_delay", "exponential_backoff"; "" none; NULL not known */
    int64_t retry_most;         /* max_retry_count; -1 for ever; INT64_MIN not known */
    struct thaw_project_place retry_place;
};

/* FunctionApp(), Blueprint(), DFApp() … */
struct thaw_app_variable {
    const char *variable;
    const char *type;       /* "FunctionApp", "Blueprint" … */
    const char *auth_level; /* "function" where none is given (its default); NULL not known */
    bool is_registered;     /* the host would find it */
    struct thaw_project_place place;
};

/* Something in the source that has the form of a secret. */
struct thaw_app_literal {
    enum thaw_setting_shape shape; /* a secret's, or THAW_SHAPE_PASSWORD of "password = '…'" */
    const char *name;              /* of the variable, argument or key it is given to; "" none */
    struct thaw_project_place place;
};

/* An import of a file of the app. */
struct thaw_project_import {
    const char *module; /* top-level and submodule, as written */
    bool in_function;
    struct thaw_project_place place;
};

/* --- manifests --- */

struct thaw_manifest {
    const char *file; /* "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile",
                         "Pipfile.lock", "environment.yml" */
    bool is_lock;
    const char *requires_python; /* ">=3.10", "" none */
    uint64_t requirements;       /* it asks for */
};

struct thaw_requirement {
    const char *name;    /* normalised by PEP 503; "" a path or URL without one */
    const char *text;    /* as written, without options; of a URL only its scheme and host */
    const char *version; /* pinned to: "2.1.0", "" not pinned */
    bool is_pinned;      /* to one version, or a URL with a hash or commit */
    bool is_hashed;
    bool is_editable; /* -e, or a path */
    bool applies;     /* its marker holds on Linux and the app's Python; true where there is none */
    struct thaw_project_place place;
};

/*
 * A virtual environment (or conda's) in the app's folder: of a developer's machine, and so no part
 * of what is deployed. But only .funcignore keeps Azure's tools from deploying it with the rest.
 */
struct thaw_project_environment {
    const char *folder;
    struct thaw_amount amount;
    bool is_ignored; /* by .funcignore */
};

/* --- what is wrong with files --- */

enum thaw_problem_kind {
    THAW_PROBLEM_MALFORMED, /* no JSON, no UTF-8 … */
    THAW_PROBLEM_SYNTAX,    /* Python that does not compile */
    THAW_PROBLEM_DUPLICATE_KEY,
    THAW_PROBLEM_TYPE,       /* a value of another type than the file's format has there */
    THAW_PROBLEM_UNREADABLE, /* permissions, a folder in its place, a link that leads out */
    THAW_PROBLEM_TOO_LARGE,
    THAW_PROBLEM_CUT, /* a bound was hit: not all of it was looked at */
};

struct thaw_problem {
    enum thaw_problem_kind kind;
    const char *what; /* one line; no values */
    const char *fix;  /* what is to be done about it, one line; "" what says it, or nothing */
    struct thaw_project_place place;
};

/* Something inferred, and from what. */
struct thaw_inferred {
    const char *value;  /* "" not known */
    const char *reason; /* "main.bicep:12: SKU FC1", "--plan", "nothing tells it" */
    struct thaw_project_place place;
};

struct thaw_project_document; /* src/project/document.h */

struct thaw_project {
    const char *path;               /* as given */
    struct thaw_inferred platform;  /* "azure_functions", "aws_lambda", "" neither */
    struct thaw_inferred plan;      /* of Azure: see THAW_FACT_PLAN */
    struct thaw_inferred python;    /* "3.11" */
    struct thaw_inferred packaging; /* "zip" (code), "container" */
    bool is_zip;                    /* what was read is what is deployed */
    const char *nested;             /* the folders that host.json is in, where it is not at the top
                                       ("orders/"); NULL: it is, or nowhere */
    bool may_be_handler;            /* of no platform: a function that Lambda might call */
    /* Files, distributions, sizes; without libraries' insides. What is foreign is so to Azure's
     * instances, where it is Azure's and no image. */
    const struct thaw_shipped *shipped;
    /* For each of shipped->files: it is left out of a deployment by .funcignore, by the tools
     * themselves (.git, local.settings.json), or as a virtual environment. */
    const bool *is_left_out;
    struct thaw_amount deployed; /* sizes of what is not */
    struct thaw_project_environment *environments;
    size_t environment_count;
    bool has_funcignore;
    /* Files that .funcignore leaves out as it is documented, but that Core Tools would deploy: they
     * read it in a way of their own (src/project/ignore_file.h). Of environments one stands for
     * all. And the first of them, NULL none. */
    uint64_t ignored_in_vain;
    const char *ignored_in_vain_path;
    /* git keeps local.settings.json: the index of the repository that the app's folder lies in has
     * it. That index (.git/index, there or in a folder above it) is the only thing outside of the
     * folder that is read. */
    bool is_local_settings_kept;
    struct thaw_texts read; /* files that were read, as places name them */

    struct thaw_project_document *host; /* host.json, NULL none or unreadable */
    struct thaw_setting *settings;      /* all origins, by file and line */
    size_t setting_count;
    bool has_exported_settings; /* all that are deployed are known */
    struct thaw_project_fact *facts;
    size_t fact_count;
    struct thaw_project_template *templates;
    size_t template_count;
    struct thaw_app_function *functions; /* by file and line */
    size_t function_count;
    struct thaw_app_variable *apps;
    size_t app_count;
    struct thaw_app_call *calls;
    size_t call_count;
    struct thaw_app_literal *literals;
    size_t literal_count;
    struct thaw_project_import *imports;
    size_t import_count;
    bool has_source;    /* the source was read: functions, calls, literals, imports have meaning */
    const char *reader; /* "3.11": the Python that reads the source, "" not known */
    struct thaw_manifest *manifests;
    size_t manifest_count;
    struct thaw_requirement *requirements; /* of requirements.txt and what it includes */
    size_t requirement_count;
    struct thaw_problem *problems;
    size_t problem_count;
    struct thaw_project_memory *memory;
};

struct thaw_project_options {
    const char *path;             /* folder or zip */
    const char *const *settings;  /* files of exported settings, NULL-terminated; or NULL */
    const char *const *templates; /* beside those in the folder, likewise */
    /* So many of the first were typed by the user, and may be pipes. The others, which a file of
     * the app names, have to be regular files: a pipe that nobody writes to would hang. */
    size_t settings_typed, templates_typed;
    const char *plan;           /* NULL: to be inferred */
    const char *python_version; /* "3.11", NULL: to be inferred */
    const char *plan_from;      /* who says it, for reasons; NULL: "--plan" */
    const char *python_from;    /* likewise; NULL: "--python" */
    const char *executable;     /* of a Python ≥ 3.8 to read sources with; NULL: python3
                                   of PATH */
};

/*
 * Reads all of it; *ret is ended by thaw_project_free(). -ENOENT, -EACCES …: the folder, or a file
 * named by the user, can't be read; -EINVAL: such a file is not what it should be; -ENOTSUP: no
 * folder and no zip; -ENOMEM. What is wrong inside is a problem.
 */
int thaw_project_read(const struct thaw_project_options *options, struct thaw_project **ret,
                      struct thaw_error *error);
void thaw_project_free(struct thaw_project *project); /* NULL is allowed */

/*
 * The same in two parts: an interpreter looks at the app's source while the caller does what else
 * it has to. What the options point to must stay until the end, which frees the reading even when
 * it fails; so does giving it up.
 */
struct thaw_project_reading;
int thaw_project_begin(const struct thaw_project_options *options,
                       struct thaw_project_reading **ret, struct thaw_error *error);
int thaw_project_end(struct thaw_project_reading *reading, struct thaw_project **ret,
                     struct thaw_error *error);
void thaw_project_give_up(struct thaw_project_reading *reading); /* NULL is allowed */

/* --- looking things up --- */

struct json_t;

/*
 * The value of host.json at a path of keys ("extensions.http.maxConcurrentRequests"; "" its root),
 * NULL: not set. Where a deployed setting AzureFunctionsJobHost__extensions__http__… overrides it,
 * that is *ret_by (else NULL; ret_by may be NULL) and the value is the file's still. place (may be
 * NULL) is of the key.
 */
const struct json_t *thaw_project_host(const struct thaw_project *project, const char *path,
                                       struct thaw_project_place *place,
                                       const struct thaw_setting **ret_by);

/* The setting of a name (case counts not: App Service's do not differ by it), from behind *after;
 * NULL to begin, NULL when there is no further one. Deployed ones and local ones alike. */
const struct thaw_setting *thaw_project_setting(const struct thaw_project *project,
                                                const char *name, const struct thaw_setting *after);

/* The first fact of a kind behind *after, likewise. */
const struct thaw_project_fact *thaw_project_fact(const struct thaw_project *project,
                                                  enum thaw_fact_kind kind,
                                                  const struct thaw_project_fact *after);

/* Parts of templates that could not be followed: a rule that says "missing" keeps silent if > 0. */
uint64_t thaw_project_unread(const struct thaw_project *project);

/* The trigger of a function, NULL none. */
const struct thaw_app_binding *thaw_app_trigger(const struct thaw_app_function *function);

bool thaw_setting_is_open(const char *name); /* see thaw_setting.value */
/* What texts of names go through where they enter the project, and again where host.json is shown:
 * what has the form of a secret, by a name and a value that were swapped, becomes the one below.
 * NULL is taken for itself. */
#define THAW_SETTING_SECRET_NAME "(a secret)"
const char *thaw_setting_name_shown(const char *name);
const char *thaw_setting_shape_name(enum thaw_setting_shape shape); /* "a storage account's key" */
bool thaw_setting_shape_is_secret(enum thaw_setting_shape shape);
const char *thaw_fact_name(enum thaw_fact_kind kind); /* "always-ready" */

#endif
