/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gate_fixture.h"

#define MODULE(id, parent, name, distribution, owner, process, start, total, more)                 \
    "{'id':" id ",'parent':" parent ",'name':'" name "','kind':'source','via':'statement',"        \
    "'file':'f.py','distribution':" distribution ",'owner':" owner ",'process':" process           \
    ",'tid':2,'timed':true,'start_ns':" start ",'total_ns':" total ",'self_ns':1000000" more "}"
#define LOADED ",'status':'loaded','bytecode':{'status':'used','written':false}"
#define COMPILED ",'status':'loaded','bytecode':{'status':'missing','written':true}"

static const char start_text[] =
    "{'schema':'thaw-report/1','tool':{'name':'thaw','version':'0.1.0'},'complete':true,"
    "'recording':{'finished':true,'defect':null,'unknown_kinds':0},'losses':[],'not_visible':[],"
    "'machine':{'kernel':'6.18.0','arch':'x86_64','cpus':2},"
    "'run':{'command':['host'],'started':null,'backend':'ebpf','platform':'azure_functions',"
    "'until':'auto','ended':'first-reply','exit_status':null,'cost':null},"
    "'processes':[{'id':1,'pid':1,'parent':null,'role':'host','python':null},"
    "{'id':2,'pid':2,'parent':1,'role':'worker','platform':'azure_functions','python':'3.11.2',"
    "'coverage':'from start','counts':{'by':'ebpf','until':'first-reply','system_calls':5000,"
    "'files_opened':300,'failed_lookups':700,'read_bytes':123456,'threads':3,"
    "'mapped_libraries':12,'cpu_ns':800000000}}],"
    "'tracks':[{'id':1,'process':2,'headline':true,'answered':true,'start_ns':0,"
    "'end_ns':900000000,'total_ns':900000000,'unattributed_ns':0,'phases':["
    "{'name':'worker','start_ns':0,'end_ns':200000000,'counted':true,'children':["
    "{'name':'worker.imports','start_ns':50000000,'end_ns':90000000,'children':[]},"
    "{'name':'worker.imports','start_ns':100000000,'end_ns':110000000,'children':[]}]},"
    "{'name':'import','start_ns':200000000,'end_ns':800000000,'counted':true,'children':[]}],"
    "'cpu':{'cpu_ns':700000000}}],"
    "'modules':[" MODULE(
        "1", "null", "worker_main", "null", "'worker'", "2", "50000000", "40000000",
        LOADED) "," MODULE("2", "1", "json", "null", "'stdlib'", "2", "60000000", "10000000",
                           LOADED) "," MODULE("3", "null", "function_app", "null", "'app'", "2",
                                              "200000000", "600000000",
                                              COMPILED) "," MODULE("4", "3", "pandas", "'pandas'",
                                                                   "'package'", "2", "210000000",
                                                                   "500000000",
                                                                   LOADED) "," MODULE("5", "4",
                                                                                      "numpy",
                                                                                      "'NumPy'",
                                                                                      "'package'",
                                                                                      "2",
                                                                                      "220000000",
                                                                                      "300000000",
                                                                                      LOADED) "," MODULE("6", "4", "pandas.core", "'pandas'", "'package'", "2", "530000000", "100000000", COMPILED) "," MODULE("7", "4", "pandas_not", "null", "null", "2", "640000000", "10000000", ",'status':'not-found'") "," MODULE("8",
                                                                                                                                                                                                                                                                                                                         "3",
                                                                                                                                                                                                                                                                                                                         "broken",
                                                                                                                                                                                                                                                                                                                         "null",
                                                                                                                                                                                                                                                                                                                         "'app'",
                                                                                                                                                                                                                                                                                                                         "2", "720000000", "10000000", ",'status':'failed'") "," MODULE("9",
                                                                                                                                                                                                                                                                                                                                                                                        "null",
                                                                                                                                                                                                                                                                                                                                                                                        "late", "null", "'app'", "2",
                                                                                                                                                                                                                                                                                                                                                                                        "900000001", "50000000", LOADED) "," MODULE("10",
                                                                                                                                                                                                                                                                                                                                                                                                                                    "null",
                                                                                                                                                                                                                                                                                                                                                                                                                                    "other", "null", "'stdlib'", "1", "10000000", "50000000", LOADED) "],"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'search_folders':[{'id':1,'after':null,'path':'/srv'}],"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'distributions':[{'name':'pandas','version':'3.1.1','bytes':1,'disk_bytes':1,'files':1,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'requires':[]},{'name':'numpy','version':'2.4.0','bytes':1,'disk_bytes':1,'files':1,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'requires':[]},{'name':'unused','version':'1','bytes':1,'disk_bytes':1,'files':1,"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'requires':[]}],"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'libraries':[{'path':'/l/a.so','distribution':'numpy','loaded':true,'relocations':100},"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "{'path':'/l/b.so','distribution':null,'loaded':true,'relocations':20}],"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "'totals':null,'invocations':[],'findings':[]}";

static const char target_text[] =
    "{'schema':'thaw-report/1','tool':{'name':'thaw','version':'0.1.0'},'complete':true,"
    "'recording':null,'losses':[],'not_visible':[],'machine':null,'run':null,'processes':[],"
    "'tracks':[],'modules':[],'invocations':[],'findings':[],"
    "'target':{'path':'app','kind':'app','signs':[],'sites':['site'],'folders_read':[],"
    "'python':{'version':'3.12','full_version':null,'implementation':'cpython',"
    "'machine':'aarch64','machine_assumed':false,'executable':null,'evidence':'assumed'}},"
    "'totals':{'bytes':1000,'disk_bytes':4096,'files':50,'directories':3,"
    "'app':{'files':5,'bytes':100,'disk_bytes':512}},"
    "'distributions':[{'name':'pandas','version':'3.1.1','bytes':600,'disk_bytes':2048,'files':30,"
    "'requires':['numpy']},"
    "{'name':'Num_Py','version':'2.4.0','bytes':300,'disk_bytes':1024,'files':15,'requires':[]}],"
    "'libraries':[{'path':'site/a.so','distribution':'Num_Py','type':'extension','outside':false,"
    "'relocations':100},"
    "{'path':'site/b.so','distribution':'pandas','type':'shared','outside':false,"
    "'relocations':7},"
    "{'path':'bin/tool','distribution':'pandas','type':'executable','outside':false,"
    "'relocations':1000},"
    "{'path':'/lib/libc.so.6','distribution':null,'type':'shared','outside':true,"
    "'relocations':1339}],"
    "'duplicates':[{'kind':'content','key':'a','paths':['x','y'],'waste_bytes':40,'winner':null},"
    "{'kind':'soname','key':'b','paths':['x','y'],'waste_bytes':2,'winner':null}],"
    "'conflicts':[{'kind':'missing','distribution':'pandas','other':null,'what':'six',"
    "'where':null}],'foreign':[],"
    "'bytecode_health':{'states':{'fresh':{'files':9,'source_bytes':9},"
    "'stale':{'files':1,'source_bytes':9},'missing':{'files':10,'source_bytes':9},"
    "'foreign':{'files':100,'source_bytes':9},'damaged':{'files':1000,'source_bytes':9}},"
    "'checked':9,'by_time':9,'by_hash':0,'unwritable':0,'examples':[]},"
    "'path_files':[],'faults':[],'faults_more':0,'limits':[]}";

json_t *gate_fixture_json(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    json_t *ret;

    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    ret = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
    if (!ret)
        fail_msg("%s near %.80s", error.text, copy + error.position);
    free(copy);
    return ret;
}

static json_t *changed(const char *text, const char *changes)
{
    json_t *report = gate_fixture_json(text);

    if (changes) {
        json_t *members = gate_fixture_json(changes);

        assert_int_equal(json_object_update(report, members), 0);
        json_decref(members);
    }
    return report;
}

json_t *gate_fixture_start(const char *changes)
{
    return changed(start_text, changes);
}

json_t *gate_fixture_target(const char *changes)
{
    return changed(target_text, changes);
}

struct thaw_gate_input gate_fixture_input(const json_t *target, const struct thaw_gate_run *runs,
                                          size_t count)
{
    return (struct thaw_gate_input){
        .name = "app",
        .target = target,
        .runs = runs,
        .run_count = count,
        .lock_file = "requirements.txt",
        .lock_digest = "9f86d081884c7d659a2feaa0c55ad015",
        .cpu_model = "AMD EPYC 7763",
        .commit = "4aa53a9",
        .today = "2026-11-29",
    };
}
