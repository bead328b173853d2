/* SPDX-License-Identifier: MIT */
/*
 * Which of a machine's addresses are candidates, and in which order: lists as getifaddrs(3) makes
 * them, without any machine. That the kernel's list is read is for tests/lab to see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "drive/interfaces.h"

#define UP         (IFF_UP | IFF_RUNNING)
#define TUNNEL     (UP | IFF_POINTOPOINT | IFF_NOARP)
#define LIST_MAX   80
#define WORDS_SIZE 512

typedef struct list {
    struct ifaddrs entries[LIST_MAX];
    struct sockaddr_in6 addresses[LIST_MAX]; /* large enough for either family */
    struct sockaddr_in6 masks[LIST_MAX];
    char names[LIST_MAX][IF_NAMESIZE];
    unsigned count;
} list;

static void put_ip(struct sockaddr_in6 *room, const char *text) {
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    memset(room, 0, sizeof *room);
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        memcpy(room, &ipv4, sizeof ipv4);
        return;
    }
    room->sin6_family = AF_INET6;
    assert_int_equal(inet_pton(AF_INET6, text, &room->sin6_addr), 1);
}

/* text NULL: an interface's own entry, without an address. */
static void add(list *all, const char *name, unsigned flags, const char *text, const char *mask) {
    unsigned at = all->count++;
    struct ifaddrs *entry = &all->entries[at];
    assert_true(at < LIST_MAX);
    snprintf(all->names[at], IF_NAMESIZE, "%s", name);
    *entry = (struct ifaddrs){.ifa_name = all->names[at], .ifa_flags = flags};
    if (at > 0) all->entries[at - 1].ifa_next = entry;
    if (text == NULL) return;
    put_ip(&all->addresses[at], text);
    put_ip(&all->masks[at], mask);
    entry->ifa_addr = (struct sockaddr *)&all->addresses[at];
    entry->ifa_netmask = (struct sockaddr *)&all->masks[at];
}

static void add_ipv4(list *all, const char *name, unsigned flags, const char *text) {
    add(all, name, flags, text, "255.255.255.0");
}

/* "192.168.1.10 eth0, 127.0.0.1 lo" */
static void assert_sorted(const list *all, const hop_interfaces_wish *wish, const char *words) {
    hop_interfaces found;
    char text[WORDS_SIZE] = "", address[HOP_ADDRESS_TEXT_SIZE];
    size_t used = 0;
    hop_interfaces_sort(all->count > 0 ? all->entries : NULL, wish, &found);
    for (unsigned i = 0; i < found.count; i++) {
        hop_address ip = found.hosts[i].address;
        assert_int_equal(ip.port, wish->port);
        assert_int_equal(found.hosts[i].type, HOP_CANDIDATE_HOST);
        assert_string_equal(hop_interfaces_name_of(&found, &ip), found.names[i]);
        hop_address_print(&ip, address);
        *strrchr(address, ':') = 0;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", i > 0 ? ", " : "",
                                 address, found.names[i]);
    }
    assert_string_equal(text, words);
}

static const hop_interfaces_wish ipv4_only = {.port = 4000, .use_ipv4 = true};
static const hop_interfaces_wish both = {.port = 4000, .use_ipv4 = true, .use_ipv6 = true};

/* --- the order */

static void ordinary_ones_come_first(void **state) {
    (void)state;
    list all = {.count = 0};
    add_ipv4(&all, "docker0", UP, "172.17.0.1");
    add_ipv4(&all, "br-5c1e", UP, "172.18.0.1");
    add_ipv4(&all, "wg0", UP, "10.8.0.2");
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    add_ipv4(&all, "wlan0", UP, "192.168.2.10");
    assert_sorted(&all, &ipv4_only,
                  "192.168.1.10 eth0, 192.168.2.10 wlan0, 172.17.0.1 docker0, "
                  "172.18.0.1 br-5c1e, 10.8.0.2 wg0, 127.0.0.1 lo");
}

/* Whatever its owner calls it. */
static void a_tunnel_is_known_by_its_flag(void **state) {
    (void)state;
    list all = {.count = 0};
    add_ipv4(&all, "office", TUNNEL, "10.9.0.2");
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    assert_sorted(&all, &ipv4_only, "192.168.1.10 eth0, 10.9.0.2 office, 127.0.0.1 lo");
    assert_true(hop_interfaces_is_virtual("office", TUNNEL));
    assert_false(hop_interfaces_is_virtual("office", UP));
    assert_true(hop_interfaces_is_virtual("veth12", 0));
}

/* And everybody's first before anybody's second, in each family by itself. */
static void second_addresses_come_later(void **state) {
    (void)state;
    list all = {.count = 0};
    add_ipv4(&all, "docker0", UP, "172.17.0.1");
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    add_ipv4(&all, "eth0", UP, "192.168.1.11");
    add_ipv4(&all, "wlan0", UP, "192.168.2.10");
    add(&all, "wlan0", UP, "2001:db8:7::10", "ffff:ffff:ffff:ffff::");
    assert_sorted(&all, &both,
                  "192.168.1.10 eth0, 192.168.2.10 wlan0, [2001:db8:7::10] wlan0, "
                  "192.168.1.11 eth0, 172.17.0.1 docker0, 127.0.0.1 lo, [::1] lo");
}

/* What nobody can use counts for nothing: the address behind it is the first. */
static void unusable_ones_are_passed_over(void **state) {
    (void)state;
    list all = {.count = 0};
    add(&all, "eth0", UP, NULL, NULL);
    add_ipv4(&all, "down0", IFF_UP, "192.168.9.1");
    add_ipv4(&all, "eth0", UP, "169.254.3.3");
    add(&all, "eth0", UP, "fe80::1", "ffff:ffff:ffff:ffff::");
    add(&all, "eth0", UP, "2001:db8:7::11", "ffff:ffff:ffff:ffff::");
    add_ipv4(&all, "eth1", UP, "192.168.2.10");
    add_ipv4(&all, "eth1", UP, "192.168.2.11");
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    assert_sorted(&all, &both,
                  "[2001:db8:7::11] eth0, 192.168.2.10 eth1, 192.168.1.10 eth0, "
                  "192.168.2.11 eth1, 127.0.0.1 lo, [::1] lo");
}

/* However many there are before them in the list. */
static void the_best_are_kept(void **state) {
    (void)state;
    list all = {.count = 0};
    char name[IF_NAMESIZE], text[32];
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "veth%d", i);
        snprintf(text, sizeof text, "10.7.%d.1", i);
        add_ipv4(&all, name, UP, text);
    }
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    assert_sorted(&all, &ipv4_only,
                  "192.168.1.10 eth0, 10.7.0.1 veth0, 10.7.1.1 veth1, 10.7.2.1 veth2, "
                  "10.7.3.1 veth3, 10.7.4.1 veth4, 127.0.0.1 lo");
}

/* --- one interface alone */

static void only_one_is_asked_for(void **state) {
    (void)state;
    list all = {.count = 0};
    hop_interfaces_wish wish = both;
    add_ipv4(&all, "lo", UP | IFF_LOOPBACK, "127.0.0.1");
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    add_ipv4(&all, "eth01", UP, "192.168.2.10");
    add_ipv4(&all, "wg0", TUNNEL, "10.8.0.2");
    wish.only = "eth0";
    assert_sorted(&all, &wish, "192.168.1.10 eth0");
    wish.only = "wg0";
    assert_sorted(&all, &wish, "10.8.0.2 wg0");
    wish.only = "eth";
    assert_sorted(&all, &wish, "");
    wish.only = "lo";
    assert_sorted(&all, &wish, "127.0.0.1 lo, [::1] lo");
}

/* ip addr add ... label eth0:1 */
static void a_label_is_no_interface(void **state) {
    (void)state;
    list all = {.count = 0};
    hop_interfaces_wish wish = ipv4_only;
    add_ipv4(&all, "eth0", UP, "192.168.1.10");
    add_ipv4(&all, "eth0:1", UP, "192.168.1.11");
    add_ipv4(&all, "eth1", UP, "192.168.2.10");
    assert_sorted(&all, &wish,
                  "192.168.1.10 eth0, 192.168.2.10 eth1, 192.168.1.11 eth0, 127.0.0.1 lo");
    wish.only = "eth0";
    assert_sorted(&all, &wish, "192.168.1.10 eth0, 192.168.1.11 eth0");
}

/* --- what else is in it */

static void families_and_subnets(void **state) {
    (void)state;
    list all = {.count = 0};
    hop_interfaces found;
    hop_interfaces_wish wish = {.port = 4000, .use_ipv6 = true};
    add(&all, "eth0", UP, "192.168.1.10", "255.255.240.0");
    add(&all, "eth0", UP, "2001:db8:7::10", "ffff:ffff:ffff:ff00::");
    assert_sorted(&all, &wish, "[2001:db8:7::10] eth0, [::1] lo");
    hop_interfaces_sort(all.entries, &both, &found);
    assert_int_equal(found.count, 4);
    assert_int_equal(found.hosts[0].prefix_bits, 20);
    assert_int_equal(found.hosts[1].prefix_bits, 56);
    hop_address other = {HOP_FAMILY_IPV4, {192, 168, 1, 11}, 4000};
    assert_null(hop_interfaces_name_of(&found, &other));
    assert_sorted(&(list){.count = 0}, &ipv4_only, "127.0.0.1 lo"); /* the system told none */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_ones_come_first),
        cmocka_unit_test(a_tunnel_is_known_by_its_flag),
        cmocka_unit_test(second_addresses_come_later),
        cmocka_unit_test(unusable_ones_are_passed_over),
        cmocka_unit_test(the_best_are_kept),
        cmocka_unit_test(only_one_is_asked_for),
        cmocka_unit_test(a_label_is_no_interface),
        cmocka_unit_test(families_and_subnets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
