/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINDING_CASES_H
#define TESTS_FINDING_CASES_H

/* Recordings with a finding of each kind, and others that nearly have it. */

#define PROBES                                                                                     \
    "1 probe name=\"effects.calls\" status=\"attached\"\n"                                         \
    "1 probe name=\"python.gc\" status=\"attached\"\n"                                             \
    "1 probe name=\"loader.dlopen\" status=\"attached\"\n"
/* A program in /app, from 2 ms on; it ends at 100 ms. */
#define SCRIPT                                                                                     \
    "1 session.begin backend=\"ebpf\" command=[\"python3\",\"main.py\"] "                          \
    "directory=\"/app\"\n" PROBES "1_000_000 process.exec executable=\"/usr/bin/python3.11\"\n"    \
    "1_000_000 interpreter executable=\"/usr/bin/python3.11\" version=\"3.11.2\" "                 \
    "coverage=\"from start\"\n"                                                                    \
    "2_000_000 body.begin name=\"__main__\" file=\"/app/main.py\" stack=9000 own=1\n"
#define END                                                                                        \
    "100_000_000 body.end stack=9000\n"                                                            \
    "100_000_000 process.exit code=0\n"                                                            \
    "101_000_000 session.end reason=\"exit\"\n"
#define IMPORT(begin, name, file, inner, end)                                                      \
    begin " import.begin name=\"" name "\" stack=8000\n" begin " body.begin file=\"" file          \
          "\" stack=7900\n" inner end " import.end stack=8000\n"

/* A worker whose app is /app/function_app.py, asked at 200 ms and answering at 500 ms. */
#define WORKER(app, call)                                                                          \
    "1 session.begin command=[\"host\"] directory=\"/\"\n" PROBES                                  \
    "1_000_000 process.exec pid=9 executable=\"/host\"\n"                                          \
    "2_000_000 process.fork pid=1 parent=9\n"                                                      \
    "3_000_000 process.exec executable=\"/usr/bin/python3.11\"\n"                                  \
    "3_000_000 interpreter executable=\"/usr/bin/python3.11\" version=\"3.11.2\" "                 \
    "coverage=\"from start\"\n"                                                                    \
    "3_000_000 process.role role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"       \
    "4_000_000 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=9999 own=1\n"              \
    "5_000_000 connect connection=1\n"                                                             \
    "6_000_000 message type=\"StartStream\" outgoing=1\n"                                          \
    "10_000_000 message type=\"WorkerInitRequest\" directory=\"/app\"\n" app                       \
    "190_000_000 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"              \
    "200_000_000 message type=\"InvocationRequest\" invocation_id=\"i\" function_id=\"x\"\n" call  \
    "500_000_000 message type=\"InvocationResponse\" outgoing=1 invocation_id=\"i\" "              \
    "status=\"success\"\n"

#define COMPILED(opened)                                                                           \
    "10_000_000 import.begin name=\"m\" stack=90\n"                                                \
    "10_100_000 file.lookups count=1 last_ns=10100000 bytes=200 mtime_s=7 stack=70\n"              \
    "10_200_000 file.open path=\"/app/__pycache__/m.cpython-311.pyc\" " opened " stack=70\n"       \
    "10_300_000 file.open path=\"/app/m.py\" result=3 bytes=200 stack=70\n"                        \
    "10_400_000 file.close bytes=200 stack=70\n"

#define GC(end) "15_000_000 gc.begin stack=7000\n" end " gc.end stack=7000\n"

#define LONG IMPORT("10_000_000", "helper", "/app/helper.py", "", "95_000_000")
#define ACCOUNT(at, cpu_ns, wait_ns, throttled, final)                                             \
    at " cpu.account pid=1 control_group=\"/g\" cpu_limit_millis=500 counts_throttling=1 "         \
       "periods=9 throttled_periods=3 throttled_ns=" throttled " has_waits=1 cpu_ns=" cpu_ns       \
       " runqueue_ns=" wait_ns " final=" final "\n"

#define LIBRARY(path, soname, bytes)                                                               \
    "100_500_000 library pid=1 tid=1 path=\"" path "\" resident_bytes=4096\n"                      \
    "100_500_000 inventory.library path=\"" path "\" soname=\"" soname "\" bytes=" bytes "\n"

#define DLOPEN(relocated)                                                                          \
    "10_000_000 import.begin name=\"_fast\" stack=90\n"                                            \
    "10_100_000 dlopen.begin path=\"/app/_fast.so\" stack=70\n" relocated                          \
    " dlopen.relocated stack=60\n"                                                                 \
    "20_000_000 dlopen.end stack=70\n"                                                             \
    "20_100_000 module.init name=\"_fast\" stack=70\n"                                             \
    "20_200_000 import.end stack=90\n"

#define DISTRIBUTION(name)                                                                         \
    "700_000_000 inventory.distribution name=\"" name "\" location=\"/site\"\n"                    \
    "700_000_000 inventory.file path=\"/site/agent.py\" distribution=\"" name "\"\n"

/* An app of two files, whose helper is there at 30 ms and was not needed by get(), which answers.
 */
#define LAZY(use)                                                                                  \
    WORKER("20_000_000 import.begin name=\"function_app\" stack=8000\n"                            \
           "20_000_000 body.begin file=\"/app/function_app.py\" stack=7900\n"                      \
           "30_000_000 import.begin name=\"helper\" stack=7000\n"                                  \
           "30_000_000 body.begin file=\"/app/helper.py\" stack=6900\n"                            \
           "60_000_000 import.end stack=7000\n"                                                    \
           "90_000_000 import.end stack=8000\n"                                                    \
           "91_000_000 function function_id=\"x\" name=\"get\" trigger=\"httpTrigger\"\n",         \
           "")                                                                                     \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=1 module=\"helper\"\n"        \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 end_line=1 "             \
    "module=\"helper\" bound=\"helper\" use=\"" use "\" functions=[\"other\"]\n"                   \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=2 name=\"get\" "          \
    "kind=\"function\"\n"                                                                          \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=4 name=\"other\" "        \
    "references=[\"helper\"] kind=\"function\"\n"

/* The same with a second import, of which it is told what the first reply needs. */
#define LAZY_TWO(use)                                                                              \
    WORKER("20_000_000 import.begin name=\"function_app\" stack=8000\n"                            \
           "20_000_000 body.begin file=\"/app/function_app.py\" stack=7900\n"                      \
           "30_000_000 import.begin name=\"helper\" stack=7000\n"                                  \
           "30_000_000 body.begin file=\"/app/helper.py\" stack=6900\n"                            \
           "60_000_000 import.end stack=7000\n"                                                    \
           "60_000_000 import.begin name=\"second\" stack=7000\n"                                  \
           "60_000_000 body.begin file=\"/app/second.py\" stack=6900\n"                            \
           "80_000_000 import.end stack=7000\n"                                                    \
           "90_000_000 import.end stack=8000\n"                                                    \
           "91_000_000 function function_id=\"x\" name=\"get\" trigger=\"httpTrigger\"\n",         \
           "")                                                                                     \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=1 module=\"helper\"\n"        \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=2 module=\"second\"\n"        \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 end_line=1 "             \
    "module=\"helper\" bound=\"helper\" use=\"functions\" functions=[\"other\"]\n"                 \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=2 end_line=2 "             \
    "module=\"second\" bound=\"second\" use=\"" use "\" functions=[\"other\"]\n"                   \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=2 name=\"get\" "          \
    "kind=\"function\"\n"                                                                          \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=4 name=\"other\" "        \
    "references=[\"helper\",\"second\"] kind=\"function\"\n"

/* An app that imports a package in 30 ms, of which 5 ms are urllib.request's. */
#define PACKAGE(name, inner, rows)                                                                 \
    WORKER("20_000_000 import.begin name=\"function_app\" stack=8000\n"                            \
           "20_000_000 body.begin file=\"/app/function_app.py\" stack=7900\n"                      \
           "30_000_000 import.begin name=\"" name "\" stack=7000\n"                                \
           "30_000_000 body.begin file=\"/site/client.py\" stack=6900\n"                           \
           "40_000_000 import.begin name=\"" inner "\" stack=6000\n"                               \
           "40_000_000 body.begin file=\"/lib/inner.py\" stack=5900\n"                             \
           "45_000_000 import.end stack=6000\n"                                                    \
           "60_000_000 import.end stack=7000\n"                                                    \
           "90_000_000 import.end stack=8000\n",                                                   \
           "")                                                                                     \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=1 module=\"" name "\"\n"      \
    "600_000_000 inventory.import file=\"/site/client.py\" line=1 module=\"" inner "\"\n" rows

#define REQUESTS(attributes)                                                                       \
    PACKAGE("requests", "urllib.request",                                                          \
            "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 "                \
            "module=\"requests\" bound=\"requests\" use=\"functions\" functions=[\"other\"] "      \
            "attributes=[" attributes "]\n")
#define COSMOS(references)                                                                         \
    PACKAGE("azure.cosmos", "azure.core",                                                          \
            "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 "                \
            "module=\"azure.cosmos\" name=\"CosmosClient\" bound=\"CosmosClient\" "                \
            "use=\"functions\" functions=[\"other\"]\n"                                            \
            "600_000_000 inventory.definition file=\"/app/function_app.py\" line=4 "               \
            "name=\"other\" kind=\"function\" references=[\"CosmosClient\"," references "]\n")

#define INSTALLED(name, more)                                                                      \
    "700_000_000 inventory.distribution name=\"" name "\" version=\"1\" location=\"/site\" "       \
    "bytes=3145728 files=7 " more "\n"
#define REQUIRED(name, module, more)                                                               \
    "700_000_000 inventory.requirement file=\"/app/requirements.txt\" line=1 name=\"" name         \
    "\" text=\"" name "\" modules=[\"" module "\"] " more "\n"

static const struct {
    const char *id;
    const char *lines;
    const char *near; /* nearly the same, without such a finding */
} finding_cases[] = {
    {"compiled-at-start",
     SCRIPT COMPILED("result=-2") "15_000_000 body.begin file=\"/app/m.py\" stack=80\n"
                                  "16_000_000 import.end stack=90\n" END,
     /* 1 ms: less than anybody notices */
     SCRIPT COMPILED("result=-2") "11_400_000 body.begin file=\"/app/m.py\" stack=80\n"
                                  "16_000_000 import.end stack=90\n" END},
    {"costly-relocation", SCRIPT DLOPEN("19_000_000") END, SCRIPT DLOPEN("12_000_000") END},
    {"cpu-starved",
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "60_000_000", "0", "1") END,
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "90_000_000", "9_000_000", "0", "1") END},
    {"cpu-starved",
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "0", "50_000_000", "1") END,
     /* as much before the start as after it */
     SCRIPT ACCOUNT("2_000", "1_000_000", "0", "50_000_000", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "0", "50_000_000", "1") END},
    {"duplicate-library",
     SCRIPT END LIBRARY("/s/numpy.libs/libopenblas64-12ab34cd.so", "libopenblas64-12ab34cd.so",
                        "30000000") LIBRARY("/s/scipy.libs/libopenblas64-98fe76dc.so",
                                            "libopenblas64-98fe76dc.so", "20000000"),
     /* of another version: another library */
     SCRIPT END LIBRARY("/s/a.libs/libgfortran-12ab34cd.so.5.0.0", "libgfortran-12ab34cd.so.5.0.0",
                        "3000000") LIBRARY("/s/b.libs/libgfortran-98fe76dc.so.3.0.0",
                                           "libgfortran-98fe76dc.so.3.0.0", "3000000")},
    {"executed-twice",
     SCRIPT IMPORT("10_000_000", "helpers", "/app/helpers.py", "", "15_000_000")
         IMPORT("20_000_000", "app.helpers", "/app/helpers.py", "", "25_000_000") END,
     /* the first one failed: to try again is right */
     SCRIPT "10_000_000 import.begin name=\"helpers\" stack=8000\n"
            "10_000_000 body.begin file=\"/app/helpers.py\" stack=7900\n"
            "15_000_000 import.end stack=8000 failed=1\n" IMPORT(
                "20_000_000", "helpers", "/app/helpers.py", "", "25_000_000") END},
    {"import-garbage",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py", GC("20_000_000"), "30_000_000") END,
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py", GC("16_000_000"), "30_000_000") END},
    {"import-garbage", /* the app may act only on what its own file imports */
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py",
                   "50_000_000 gc.begin stack=7000\n70_000_000 gc.end stack=7000\n", "90_000_000"),
            ""),
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py", "", "40_000_000") IMPORT(
                "45_000_000", "w", "/w/w.py",
                "50_000_000 gc.begin stack=7000\n70_000_000 gc.end stack=7000\n", "90_000_000"),
            "")},
    {"import-in-first-call",
     WORKER("", IMPORT("210_000_000", "torch", "/app/.p/torch.py", "", "400_000_000")),
     WORKER("", IMPORT("210_000_000", "torch", "/app/.p/torch.py", "", "300_000_000"))},
    {"init-near-limit",
     "1 session.begin command=[\"python\"] directory=\"/var/task\"\n"
     "1_000_000_000 process.exec executable=\"/usr/bin/python3.12\"\n"
     "1_000_000_000 process.role role=\"worker\" platform=\"aws_lambda\"\n"
     "9_200_000_000 message type=\"GET /runtime/invocation/next\" outgoing=1\n"
     "9_201_000_000 message type=\"200 /runtime/invocation/next\" invocation_id=\"i\"\n"
     "9_210_000_000 message type=\"POST /runtime/invocation/ID/response\" outgoing=1 "
     "invocation_id=\"i\" status=\"success\"\n",
     "1 session.begin command=[\"python\"] directory=\"/var/task\"\n"
     "1_000_000_000 process.exec executable=\"/usr/bin/python3.12\"\n"
     "1_000_000_000 process.role role=\"worker\" platform=\"aws_lambda\"\n"
     "8_200_000_000 message type=\"GET /runtime/invocation/next\" outgoing=1\n"
     "8_201_000_000 message type=\"200 /runtime/invocation/next\" invocation_id=\"i\"\n"
     "8_210_000_000 message type=\"POST /runtime/invocation/ID/response\" outgoing=1 "
     "invocation_id=\"i\" status=\"success\"\n"},
    {"lazy-import", LAZY("functions"), LAZY("module")},
    {"lazy-import-set", LAZY_TWO("functions"), LAZY_TWO("module")},
    {"lighter-alternative", REQUESTS("\"get\",\"exceptions.HTTPError\""),
     REQUESTS("\"get\",\"Session\"")},
    {"network-at-import",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 effect what=\"connect\" detail=\"192.0.2.1:443\" stack=7000\n",
                   "20_000_000") END,
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 effect what=\"connect\" detail=\"/run/x:1\" stack=7000\n",
                   "20_000_000") END},
    {"network-at-import",
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py",
                   "21_000_000 effect what=\"lookup\" detail=\"example.test\" stack=7000\n",
                   "90_000_000"),
            ""),
     /* the worker asks for its host */
     WORKER(IMPORT("20_000_000", "w", "/w/w.py",
                   "21_000_000 effect what=\"lookup\" detail=\"example.test\" stack=7000\n",
                   "90_000_000"),
            "")},
    {"process-at-import",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 process.fork pid=2 tid=2 parent=1\n"
                   "11_000_000 effect what=\"process\" started=2 stack=7000\n"
                   "12_000_000 process.exec pid=2 tid=2 executable=\"/usr/bin/uname\"\n",
                   "20_000_000") END,
     /* not while anything is imported */
     SCRIPT IMPORT(
         "10_000_000", "helper", "/app/helper.py", "",
         "20_000_000") "21_000_000 process.fork pid=2 tid=2 parent=1\n"
                       "21_000_000 effect what=\"process\" started=2 stack=8900\n"
                       "22_000_000 process.exec pid=2 tid=2 executable=\"/usr/bin/uname\"\n" END},
    {"sdk-instead-of-binding", COSMOS("\"read_item\""), COSMOS("\"read_item\",\"query_items\"")},
    {"slow-constructors", SCRIPT DLOPEN("12_000_000") END, SCRIPT DLOPEN("19_000_000") END},
    {"tracing-agent",
     SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "70_000_000")
         END DISTRIBUTION("opentelemetry-sdk"),
     SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "70_000_000")
         END DISTRIBUTION("sentry-sdk-mock")},
    {"unstripped-library",
     SCRIPT END LIBRARY("/app/libown.so", "libown.so", "9000000 strip_bytes=2000000"),
     /* the machine's own */
     SCRIPT END LIBRARY("/usr/lib/libown.so", "libown.so", "9000000 strip_bytes=2000000")},
    {"unused-import", LAZY("none"), LAZY("functions")},
    {"unused-requirement", SCRIPT END INSTALLED("six", "") REQUIRED("six", "six", ""),
     SCRIPT END INSTALLED("six", "") REQUIRED("six", "six", "mentioned=[\"/app/main.py\"]")},
    {"worker-dominates",
     WORKER(IMPORT("20_000_000", "w", "/w/w.py", "", "150_000_000")
                IMPORT("160_000_000", "function_app", "/app/function_app.py", "", "180_000_000"),
            ""),
     WORKER(IMPORT("20_000_000", "w", "/w/w.py", "", "40_000_000")
                IMPORT("50_000_000", "function_app", "/app/function_app.py", "", "180_000_000"),
            "")},
};

enum { FINDING_CASES = sizeof(finding_cases) / sizeof(finding_cases[0]) };

#endif
