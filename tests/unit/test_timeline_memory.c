/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "timeline_fixture.h"

/* Something for every step to allocate. */
static const char lines[] =
    "recording finished=0 defect=\"cut\" unknown_kinds=1\n"
    "1 session.begin backend=\"ebpf\" command=[\"host\"] directory=\"/home\"\n"
    "2 probe name=\"p\" status=\"failed\" without=\"x\"\n"
    "2 probe name=\"effects.calls\" status=\"attached\"\n"
    "2 process.present pid=8 parent=1 start_ns=1 executable=\"/sh\"\n"
    "100 process.exec pid=9 executable=\"/host\"\n"
    "200 process.fork pid=1 parent=9\n"
    "205 process.exec executable=\"/py\"\n"
    "210 process.exec executable=\"/py\"\n"
    "210 process.role role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"
    "210 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"late\" reason=\"r\"\n"
    "215 import.begin name=\"site\" stack=90\n"
    "216 import.end stack=90\n"
    "217 import.end stack=91\n"
    "220 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=99 own=1\n"
    "225 process.fork pid=2 parent=1\n"
    "225 vm pid=2 tid=2 what=\"open\"\n"
    "225 vm pid=2 tid=2 what=\"create\"\n"
    "226 vm pid=2 tid=2 what=\"run\"\n"
    "226 guest.mark pid=9 tid=9 session=\"ab\" guest_ns=7 last_ns=228\n"
    "226 import.timed pid=2 tid=2 name=\"t.u\" depth=1 total_ns=5\n"
    "227 import.timed pid=2 tid=2 name=\"t\" total_ns=1\n"
    "228 import.timed pid=2 tid=2 name=\"orphan\" depth=4 total_ns=1\n"
    "300 connect connection=1\n"
    "310 message type=\"StartStream\" outgoing=1\n"
    "320 message type=\"FunctionEnvironmentReloadRequest\" directory=\"/app\"\n"
    "325 file.open path=\"/app/one.py\" result=3\n"
    "330 body.begin name=\"one\" file=\"/app/one.py\" stack=90 own=1\n"
    "331 import.begin name=\"a.b\" stack=80\n"
    "332 import.begin name=\"a\" stack=70\n"
    "332 file.folder number=1 path=\"/s\"\n"
    "332 file.lookup path=\"/s/a.so\" result=-2 stack=60\n"
    "332 file.lookups count=2 failed=1 searched=1 last_ns=332 stack=60\n"
    "333 body.begin file=\"/s/site-packages/a/__init__.py\" stack=69\n"
    "334 dlopen.begin path=\"/l.so\" stack=60\n"
    "335 dlopen.end stack=60\n"
    "335 effect what=\"thread\" started=7 stack=60\n"
    "335 effect pid=1 tid=7 what=\"write\" detail=\"/x\" inherited=1\n"
    "335 process.fork pid=40 tid=40 parent=1\n"
    "335 effect what=\"process\" started=40 stack=60\n"
    "335 process.exec pid=40 tid=40 executable=\"/sh\"\n"
    "335 process.exec pid=40 tid=40 executable=\"/uname\"\n"
    "336 gc.begin stack=60\n"
    "337 gc.end stack=60\n"
    "338 import.end stack=70\n"
    "339 import.end stack=80\n"
    "340 body.end stack=90\n"
    /* by import_module, on strands of greenlets, lazily */
    "341 dlopen.begin path=\"/s/site-packages/a/_fast.so\" stack=80\n"
    "342 dlopen.end stack=80\n"
    "343 module.init name=\"fast\" single_phase=1 stack=70\n"
    "344 module.made name=\"a._fast\" stack=75\n"
    "344 module.init name=\"_json\" stack=70\n"
    "345 module.init.end stack=70\n"
    "345 lazy.begin function=\"f\" file=\"/app/one.py\" stack=90\n"
    "345 import.begin name=\"outer\" stack=80 lazy=1\n"
    "346 import.begin name=\"inner\" stack=70\n"
    "346 strand.begin strand=1 parent=0 parent_stack=80\n"
    "347 import.begin name=\"beside\" stack=75 strand=1\n"
    "348 strand.begin strand=2 parent=0 parent_stack=80 split=1\n"
    "348 import.end stack=80\n"
    "349 import.end stack=70 strand=2\n"
    "349 import.end stack=75 strand=1\n"
    "350 message type=\"FunctionEnvironmentReloadResponse\"\n"
    "360 message type=\"FunctionLoadRequest\" function_id=\"f\" directory=\"/app/f\"\n"
    "370 message type=\"FunctionLoadResponse\" function_id=\"f\"\n"
    "370 function function_id=\"f\" name=\"work\" trigger=\"httpTrigger\" directory=\"/app/g\"\n"
    "400 message type=\"InvocationRequest\" function_id=\"f\" invocation_id=\"i\"\n"
    "405 import.begin name=\"open\" stack=80\n"
    "405 sampling period_ns=1000\n"
    "405 mapping path=\"/n.so\" start=4096 bytes=4096 first=1\n"
    "406 mapping path=\"//anon\" start=8192 bytes=4096\n"
    "406 sample address=4100 stack=70\n"
    "407 stack call=2 address=4100 end=\"complete\"\n"
    "408 sample address=4200 stack=70 in_kernel=1\n"
    "408 sample address=8200 stack=70\n"
    "409 process.fork pid=9 tid=9 parent=2\n"
    "409 mapping pid=9 tid=9 path=\"/o.so\" start=4096 bytes=64\n"
    "450 message type=\"InvocationResponse\" invocation_id=\"i\"\n"
    "500 loss cause=\"c\" count=1 what=\"w\"\n"
    "600 inventory.interpreter executable=\"/py\" builtins=[\"x\"] stdlib=[\"/l\"] sites=[\"/s\"]\n"
    "610 inventory.file path=\"/app/one.py\" distribution=\"d\"\n"
    "620 call number=1 path=\"/py\" offset=16\n"
    "620 call number=2 caller=1 path=\"/n.so\" offset=80\n"
    "630 inventory.symbol path=\"/n.so\" offset=0 bytes=64 name=\"f\"\n";

static void each_allocation_may_fail(enum chaos_malloc_mode mode)
{
    struct timeline_fixture fixture;
    size_t failures = 0;

    timeline_fixture_build(&fixture, lines);
    for (chaos_malloc_begin(mode); chaos_malloc_more();) {
        struct thaw_timeline *timeline = NULL;
        struct thaw_error error = {0};
        int result = thaw_timeline_build(fixture.recording, &timeline, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_int_equal(error.code, result);
        assert_int_equal(timeline == NULL, result < 0);
        if (timeline)
            timeline_assert_sound(timeline);
        failures += chaos_malloc_failed();
        thaw_timeline_free(timeline);
    }
    assert_true(failures > 50);
    timeline_fixture_free(&fixture);
}

static void need_chaos(void)
{
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
}

static void one_allocation_fails(void **state)
{
    (void)state;
    need_chaos();
    each_allocation_may_fail(CHAOS_ONE);
}

static void all_allocations_fail_from_one_on(void **state)
{
    (void)state;
    need_chaos();
    each_allocation_may_fail(CHAOS_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_fails),
        cmocka_unit_test(all_allocations_fail_from_one_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
