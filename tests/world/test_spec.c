/* SPDX-License-Identifier: MIT */
/*
 * Worlds as text: what is read, what is said about a text that is not understood, and that printing
 * and reading undo each other, with thousands of drawn worlds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "spec.h"
#include "spec_random.h"

#define TEXT_SIZE 8192

static spec read_good(const char *text) {
    spec world;
    char wrong[SPEC_WRONG_SIZE] = "";
    if (!spec_read(text, &world, wrong)) fail_msg("%s\n%s", wrong, text);
    return world;
}

static void expect_wrong(const char *text, const char *line, const char *words) {
    spec world;
    char wrong[SPEC_WRONG_SIZE] = "";
    if (spec_read(text, &world, wrong)) fail_msg("is read: %s", text);
    if (strstr(wrong, line) == NULL || strstr(wrong, words) == NULL)
        fail_msg("'%s' should hold '%s' and '%s'", wrong, line, words);
}

static void the_example(void **state) {
    (void)state;
    spec world = read_good("# both NATs drop strangers, bob starts 60 ms late\n"
                           "seed 7\n"
                           "site a: eim-drop, v6=firewall\n"
                           "site b: preserving-rst, hairpin=yes\n"
                           "path a-b: delay 25, jitter 3, loss 2%\n"
                           "path a-server: delay 10\n"
                           "alice at a: listens\n"
                           "bob at b: connects, after 60\n"
                           "at 500: server stops\n"
                           "at 900: server starts\n"
                           "at 300: nat of a reboots\n"
                           "at 200: path a-b: black\n"
                           "at 100: lose b>a 1011          # the 1st, 3rd and 4th packet\n"
                           "expect\n"
                           "anything may stand here\n");
    assert_string_equal(world.title, "both NATs drop strangers, bob starts 60 ms late");
    assert_int_equal(world.seed, 7);
    assert_int_equal(world.site_count, 2);
    assert_int_equal(world.sites[0].v6, SPEC_V6_FIREWALL);
    assert_true(world.sites[0].nats[0].conntrack);
    assert_int_equal(world.sites[1].nats[0].ports, SPEC_PORTS_PRESERVE);
    assert_int_equal(world.sites[1].nats[0].stray, SPEC_STRAY_RST);
    assert_true(world.sites[1].nats[0].hairpin);
    assert_int_equal(world.paths[1][0].jitter_us, 3000);
    assert_int_equal(world.paths[0][1].loss_ppm, 20000);
    assert_int_equal(world.paths[SPEC_SERVER][0].delay_us, 10000);
    assert_int_equal(world.paths[SPEC_SERVER][1].delay_us, 25000);
    assert_int_equal(world.hosts[1].site, 1);
    assert_int_equal(world.hosts[1].role, SPEC_CONNECTS);
    assert_int_equal(world.hosts[1].start_us, 60000);
    assert_int_equal(world.change_count, 5);
    assert_int_equal(world.changes[0].kind, SPEC_LOSE);
    assert_int_equal(world.changes[0].place, 1);
    assert_int_equal(world.changes[0].mask, 13);
    assert_int_equal(world.changes[1].kind, SPEC_PATH_CHANGES);
    assert_true(world.changes[1].path.black);
    assert_int_equal(world.changes[1].path.delay_us, 25000);
    assert_int_equal(world.changes[4].kind, SPEC_SERVER_STARTS);
}

/* Each text is what its own reading prints: it is complete, and the shortest. */
static void printed_as_written(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "# a title\n",
        "seed 18446744073709551605\nuntil 90000.5\nbacklog 2\nno server\nsite a: public\n",
        "relay off\ndead server\nsite a: public\n",
        "site a: carrier, v6=refuse, lan=7\nsite b: eim-drop, behind carrier of a\n",
        "site a: carrier\nsite b: carrier\nsite c: eim-drop, stray=rst, behind carrier-nat\n",
        "site home: user, map=adm, filter=adf, ports=seq:2, low=1024, high=65535, stray=icmp, "
        "reset=keeps, simopen=no, hairpin=yes, remap=10000, syn=1500.5, idle=20000, foreign=3, "
        "quota=9\n",
        "site a: fullcone, ports=block:64, behind user, ports=preserve\n",
        "site a: user, ports=random\nsite b: user, ports=xor:240\nsite c: user, ports=offset:1\n",
        "site a: public\nsite b: public\npath all: delay 40, rate 1.5\n",
        "site a: public\nsite b: public\npath a-a: delay 1\npath a-b: delay 26\npath a>server: "
        "jitter 0.001\npath server>a: loss 0.0001%, reorder 100%, black\n",
        "site a: public\nalice at a: listens, ticket 3, after 0.5, clock -1500, timeout 4000, no "
        "lan, docker, quiet\nbob at a: by hand\ncarol at a: bare, seed 9007199254740993\nmallory "
        "at a: impostor\ndave at a: listens, relay auto\nerin at a: connects, relay only\n",
        "site a: public\nsite b: firewall\npath a-b: loss 2%\nalice at a: listens\n"
        "at 0: server stops\nat 0: server starts\nat 1: server is silent\nat 2: server lies\n"
        "at 3: server answers after 20.5\nat 4: nat of b reboots\nat 5: path a>b: loss 0%, black\n"
        "at 6: path a-b: as before\nat 7: lose server>a 0001\nat 8: alice stops\n"
        "at 9: alice starts\nat 10: alice cancels\nat 11: stray syn to alice\n"
        "at 12: stranger calls alice\n"
        "at 13: router maps alice\nat 14: alice moves to b\nat 15: alice is unplugged for 0.5\n"
        "at 16: alice sleeps for 30000\nat 17: docker starts on alice\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        char printed[TEXT_SIZE];
        spec world = read_good(texts[i]);
        size_t length = spec_print(&world, printed, sizeof(printed));
        assert_string_equal(printed, texts[i]);
        assert_int_equal(length, strlen(printed));
        char cut[10];
        assert_int_equal(spec_print(&world, cut, sizeof(cut)), length);
        assert_int_equal(strncmp(cut, printed, sizeof(cut) - 1), 0);
    }
}

static void complaints(void **state) {
    (void)state;
    expect_wrong("seed 1\nsite a: eim-dorp\n", "line 2", "'eim-dorp'");
    expect_wrong("site a: public\nx at a: bare, seed 18446744073709551616", "line 2", "seed N");
    expect_wrong("site a: public\nx at a: bare, seed 1x", "line 2", "seed N");
    expect_wrong("site a: eim-dorp\n", "there are public, firewall", "user");
    expect_wrong("site a: user, mop=eim", "'mop'", "map, filter, ports");
    expect_wrong("site a: user, map=eimm", "'eimm'", "eim, adm, apdm");
    expect_wrong("site a: user, syn=soon", "'soon'", "milliseconds");
    expect_wrong("site a: user, quota=-1", "'-1'", "number");
    expect_wrong("site a: user, low=50000, high=40000", "line 1", "low");
    expect_wrong("site a: user, ports=block:0", "line 1", "block");
    expect_wrong("site a: eim-drop, map=adm", "Linux", "user");
    expect_wrong("site a: firewall, hairpin=yes", "line 1", "translates nothing");
    expect_wrong("site a: public, stray=rst", "line 1", "public");
    expect_wrong("site a: eim-drop, v6=maybe", "'maybe'", "off, open, firewall, refuse");
    expect_wrong("site a: eim-drop, behind carrier", "'carrier'", "there are");
    expect_wrong("site a: eim-drop, behind carrier of b", "'b'", "carrier");
    expect_wrong("site a: public\nsite a: public", "line 2", "twice");
    expect_wrong("site server: public", "'server'", "word of its own");
    expect_wrong("site relay: public", "'relay'", "word of its own");
    expect_wrong("site a: firewall, behind carrier-nat", "line 1", "translates nothing");
    expect_wrong("site a: eim-drop, behind firewall", "line 1", "translates nothing");
    expect_wrong("site a: carrier\nsite b: firewall, behind carrier of a", "line 2", "firewall");
    expect_wrong("site a-b: public", "'a-b'", "no name");
    expect_wrong("site a public", "line 1", "site NAME: KIND");
    expect_wrong("\n\nsight a: public", "line 3", "a line begins with seed");
    expect_wrong("alice at a: listens", "'a'", "above its hosts");
    expect_wrong("site a: public\nalice at a: talks", "'talks'", "listens, connects");
    expect_wrong("site a: public\nalice at a: listens, late", "'late", "after MS");
    expect_wrong("site a: public\npath a-c: delay 1", "'a-c'", "server");
    expect_wrong("site a: public\npath a-server: loss 2", "'loss 2'", "loss N%");
    expect_wrong("site a: public\npath a-server: as before", "'as before'", "delay MS");
    expect_wrong("site a: public\nat noon: server stops", "'noon'", "at MS");
    expect_wrong("site a: public\nat 1: server sleeps", "'server sleeps'", "is silent");
    expect_wrong("site a: public\nat 1: bob stops", "'bob stops'", "HOST stops");
    expect_wrong("site a: public\nx at a: listens\nat 1: x moves to b", "'x moves to b'",
                 "moves to SITE");
    expect_wrong("site a: public\nx at a: listens\nat 1: x sleeps for 0", "'x sleeps for 0'",
                 "sleeps for MS");
    expect_wrong("site a: public\nx at a: listens\nat 1: x dreams", "'x dreams'", "sleeps for MS");
    expect_wrong("site a: public\nat 1: lose a>server 102", "'102'", "101");
    expect_wrong("site a: public\nat 1: path a-server:", "line 2", "as before");
    expect_wrong("seed x", "'x'", "number");
    expect_wrong("seed 99999999999999999999", "9", "number");
    expect_wrong("until -1", "'-1'", "milliseconds");
    expect_wrong("backlog 0", "'0'", "1 to 65535");
    expect_wrong("relay on", "'on'", "relay off");
    expect_wrong("site a: public\nx at a: listens, relay maybe", "'relay maybe'", "auto or only");
    expect_wrong("no time", "'time'", "no server");
    char wrong[SPEC_WRONG_SIZE];
    spec_site site = {.lan = 1};
    assert_false(spec_nat_read("", &site, wrong));
    assert_int_equal(site.lan, 1);
}

static void limits(void **state) {
    (void)state;
    char text[TEXT_SIZE];
    size_t length = 0;
    for (int i = 0; i < 7; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "site s%d: public\n", i);
    expect_wrong(text, "line 7", "six sites");
    length = (size_t)snprintf(text, sizeof(text), "site a: public\n");
    size_t start = length;
    for (int i = 0; i < 9; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "h%d at a: listens\n", i);
    expect_wrong(text, "line 10", "eight hosts");
    length = start;
    for (int i = 0; i < 33; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "at %d: server lies\n", i);
    expect_wrong(text, "line 34", "32 changes");
    memset(text, 'x', 600);
    text[600] = 0;
    expect_wrong(text, "line 1", "longer");
    memcpy(text, "site a: user, ", 14);
    memset(text + 14, ',', 400);
    text[414] = 0;
    expect_wrong(text, "line 1", "''");
}

static void every_kind(void **state) {
    (void)state;
    unsigned count = 0;
    for (; spec_nat_kind(count) != NULL; count++) {
        char text[128], printed[TEXT_SIZE];
        snprintf(text, sizeof(text), "site a: %s\n", spec_nat_kind(count));
        spec world = read_good(text);
        spec_print(&world, printed, sizeof(printed));
        assert_string_equal(printed, text);
    }
    assert_true(count >= 14);
}

static void random_worlds(void **state) {
    (void)state;
    unsigned kinds = 0, changes = 0, lossy = 0;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        spec drawn, again;
        char one[TEXT_SIZE], other[TEXT_SIZE], wrong[SPEC_WRONG_SIZE];
        spec_random(seed, &drawn);
        assert_true(spec_print(&drawn, one, sizeof(one)) < sizeof(one));
        if (!spec_read(one, &again, wrong)) fail_msg("seed %d: %s\n%s", (int)seed, wrong, one);
        spec_print(&again, other, sizeof(other));
        assert_string_equal(one, other);
        assert_memory_equal(&drawn.hosts, &again.hosts, sizeof(drawn.hosts));
        assert_memory_equal(&drawn.changes, &again.changes, sizeof(drawn.changes));
        assert_in_range(drawn.host_count, 2, 5);
        kinds += drawn.sites[0].nat_count > 0;
        changes += drawn.change_count > 0;
        lossy += drawn.paths[0][SPEC_SERVER].loss_ppm > 0;
    }
    assert_in_range(kinds, 15000, 19900);
    assert_in_range(changes, 4000, 8000);
    assert_in_range(lossy, 4000, 9000);
}

/* Words of a text are swapped, cut and doubled: it is read or refused, never with a crash, and what
 * is read can be printed and read again. */
static void damaged_texts(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(1);
    unsigned read = 0;
    for (uint64_t seed = 0; seed < 5000; seed++) {
        spec world;
        char text[TEXT_SIZE], printed[TEXT_SIZE], again[TEXT_SIZE], wrong[SPEC_WRONG_SIZE];
        spec_random(seed, &world);
        size_t size = spec_print(&world, text, sizeof(text));
        for (uint64_t i = hop_random_between(&random, 1, 3); i > 0; i--) {
            size_t from = (size_t)hop_random_between(&random, 0, size - 1);
            size_t to = (size_t)hop_random_between(&random, 0, size - 1);
            size_t most = size - (from > to ? from : to);
            memmove(text + to, text + from, (size_t)hop_random_between(&random, 0, most) % 12);
        }
        if (!spec_read(text, &world, wrong)) {
            assert_true(strncmp(wrong, "line ", 5) == 0);
            continue;
        }
        read++;
        spec_print(&world, printed, sizeof(printed));
        if (!spec_read(printed, &world, wrong)) fail_msg("%s\n%s", wrong, printed);
        spec_print(&world, again, sizeof(again));
        assert_string_equal(printed, again);
    }
    assert_in_range(read, 100, 4900);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example),   cmocka_unit_test(printed_as_written),
        cmocka_unit_test(complaints),    cmocka_unit_test(limits),
        cmocka_unit_test(every_kind),    cmocka_unit_test(random_worlds),
        cmocka_unit_test(damaged_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
