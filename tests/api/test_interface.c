/* SPDX-License-Identifier: MIT */
/*
 * One network interface alone: in namespaces of the program's own, with an ordinary interface, one
 * of a container, one without an address, and no network behind any of them.
 */
#include "api/conn.h"
#include "api/isolation.h"
#include "api/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define HOME      "site0"
#define HOME_IP   "192.168.7.7:"
#define CONTAINER "docker0"
#define BARE      "bare0" /* it has no address */
#define SHORT_MS  1500

static const char make_interfaces[] =
    "exec 2>/dev/null; add() { ip link add $1 type veth peer name p$1 && ip link set $1 up && "
    "ip link set p$1 up; }; add " CONTAINER " && ip addr add 172.17.0.1/16 dev " CONTAINER
    " && add " HOME " && ip addr add 192.168.7.7/24 dev " HOME " && add " BARE
    " && for i in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $i; done";

/* By somebody else's hand: the name is the same, the interface is another. */
static const char replace_home[] =
    "ip link del " HOME " && ip link add " HOME " type veth peer name p" HOME
    " && ip link set p" HOME " up && ip link set " HOME
    " up && ip addr add 192.168.7.7/24 dev " HOME;

static void run(const char *commands) {
    if (system(commands) != 0) fail_msg("failed: %s", commands);
}

static hop_options options_for(const char *interface, unsigned flags) {
    hop_options options = HOP_OPTIONS_INIT;
    options.flags = HOP_NO_PORTMAP | flags;
    options.interface = interface;
    options.timeout_ms = SHORT_MS;
    return options;
}

/* "192.168.7.7 site0, 172.17.0.1 docker0" */
static void assert_candidates(const hop_options *options, const char *wanted) {
    hop_endpoint *endpoint = NULL;
    hop_event event = {.kind = HOP_EVENT_NONE};
    char text[256] = "";
    assert_int_equal(hop_open(options, &endpoint), 0);
    while (event.kind != HOP_EVENT_DESCRIBED) {
        assert_int_equal(hop_wait(endpoint, PATIENCE_MS), 1);
        assert_int_equal(hop_next(endpoint, &event), 1);
        if (event.kind != HOP_EVENT_CANDIDATE) continue;
        size_t used = strlen(text);
        const char *port = strrchr(event.address, ':');
        snprintf(text + used, sizeof text - used, "%s%.*s %s", used > 0 ? ", " : "",
                 (int)(port - event.address), event.address,
                 event.interface != NULL ? event.interface : "nobody");
    }
    assert_string_equal(text, wanted);
    hop_free(endpoint);
}

/* --- names */

static void a_name_that_is_none(void **state) {
    (void)state;
    static const char *const names[] = {"site1",  "",       "site", "site0verylongname",
                                        "sit e0", "site0:1"};
    char ticket[HOP_TICKET_SIZE];
    assert_int_equal(hop_ticket_new(&(const char *){"192.0.2.1"}, 1, ticket, sizeof ticket), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hop_options options = options_for(names[i], 0);
        hop_conn_options conn_options = plain_options();
        hop_endpoint *endpoint = NULL;
        hop_conn *conn = NULL;
        conn_options.interface = names[i];
        assert_int_equal(hop_open(&options, &endpoint), HOP_E_INTERFACE);
        assert_int_equal(hop_listen(ticket, &options, &endpoint), HOP_E_INTERFACE);
        assert_int_equal(hop_connect(ticket, &options, &endpoint), HOP_E_INTERFACE);
        assert_int_equal(hop_dial(ticket, &options), HOP_E_INTERFACE);
        assert_int_equal(hop_conn_new(&conn_options, &conn), HOP_E_INTERFACE);
        assert_null(endpoint);
        assert_null(conn);
    }
}

/* Its own name is told, and it is the one that is meant. */
static void an_interface_may_have_other_names(void **state) {
    (void)state;
    if (system("ip link property add dev " HOME " altname enp0s7 2>/dev/null") != 0) {
        print_message("no alternative names here\n");
        skip();
    }
    hop_options options = options_for("enp0s7", 0);
    assert_candidates(&options, "192.168.7.7 site0");
    run("ip link property del dev " HOME " altname enp0s7");
}

/* --- candidates */

static void the_ordinary_one_comes_first(void **state) {
    (void)state;
    hop_options options = options_for(NULL, 0);
    assert_candidates(&options, "192.168.7.7 site0, 172.17.0.1 docker0");
    options.flags |= HOP_ALLOW_LOOPBACK | HOP_NO_IPV6;
    assert_candidates(&options, "192.168.7.7 site0, 172.17.0.1 docker0, 127.0.0.1 lo");
}

static void the_only_one_is_the_one_that_is_named(void **state) {
    (void)state;
    hop_options options = options_for(CONTAINER, HOP_ALLOW_LOOPBACK | HOP_NO_IPV6);
    assert_candidates(&options, "172.17.0.1 docker0");
    options.interface = "lo";
    assert_candidates(&options, "127.0.0.1 lo");
    options.interface = BARE;
    assert_candidates(&options, "");
}

static void a_connection_tells_that_address(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness w;
    options.interface = CONTAINER;
    begin(&w, &options);
    assert_int_equal(strncmp(hop_conn_local_address(w.conn), "172.17.0.1:", 11), 0);
    hop_conn_free(w.conn);
    options.interface = BARE;
    begin(&w, &options);
    assert_int_equal(strncmp(hop_conn_local_address(w.conn), "0.0.0.0:", 8), 0);
    hop_conn_free(w.conn);
}

/* --- sockets */

/* Also of the descriptors that are handed over. */
static void both_ends_keep_to_it(void **state) {
    (void)state;
    static const char *const names[] = {HOME, "lo"};
    for (size_t i = 0; i < 2; i++) {
        hop_options options = options_for(names[i], HOP_ALLOW_LOOPBACK | HOP_NO_IPV6);
        outcome outcomes[2];
        meet_by_hand(&options, &options, outcomes);
        for (int side = 0; side < 2; side++) {
            char name[IFNAMSIZ] = "";
            socklen_t size = sizeof name;
            assert_int_equal(outcomes[side].kind, HOP_EVENT_ESTABLISHED);
            assert_int_equal(
                getsockopt(outcomes[side].fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size), 0);
            assert_string_equal(name, names[i]);
            assert_int_equal(strncmp(outcomes[side].local, i == 0 ? HOME_IP : "127.0.0.1:",
                                     i == 0 ? sizeof HOME_IP - 1 : 10),
                             0);
        }
        assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    }
}

/* The same port of another interface is another one. */
static void a_port_is_of_one_interface(void **state) {
    (void)state;
    hop_conn_options first = plain_options();
    hop_options options = options_for(HOME, 0);
    hop_endpoint *second = NULL;
    witness w;
    first.interface = HOME;
    begin(&w, &first);
    options.local_port = (uint16_t)atoi(strrchr(hop_conn_local_address(w.conn), ':') + 1);
    assert_int_equal(hop_open(&options, &second), HOP_E_PORT);
    options.interface = NULL;
    assert_int_equal(hop_open(&options, &second), HOP_E_PORT);
    options.interface = CONTAINER;
    assert_int_equal(hop_open(&options, &second), 0);
    hop_free(second);
    hop_conn_free(w.conn);
}

static bool lets_in(const char *ip, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
    bool good = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return good;
}

static void nobody_comes_in_by_another(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness w;
    options.interface = CONTAINER;
    begin(&w, &options);
    int port = atoi(strrchr(hop_conn_local_address(w.conn), ':') + 1);
    assert_true(lets_in("172.17.0.1", port));
    assert_false(lets_in("192.168.7.7", port));
    assert_false(lets_in("127.0.0.1", port));
    hop_conn_free(w.conn);
}

/* A server on this machine is reached at 127.0.0.1 by lo alone; by others in no time and not at
 * all. */
static void loopback_is_los_alone(void **state) {
    (void)state;
    test_server server;
    char ticket[HOP_TICKET_SIZE];
    assert_true(server_start(&server, "127.0.0.1:0"));
    ticket_for(server.address, ticket);
    hop_options options = options_for("lo", 0);
    assert_int_equal(hop_dial(ticket, &options), HOP_E_NOBODY);
    options.interface = HOME;
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_connect(ticket, &options, &endpoint), 0);
    bool at_once = false;
    hop_event event = {.kind = HOP_EVENT_NONE};
    while (event.kind != HOP_EVENT_FAILED) {
        event = await(endpoint, HOP_EVENT_NOTE);
        assert_int_not_equal(event.kind, HOP_EVENT_NONE);
        at_once |= event.kind == HOP_EVENT_NOTE && strstr(event.text, "no route there") != NULL;
    }
    assert_true(at_once);
    assert_int_equal(event.error, HOP_E_SERVER);
    assert_string_equal(event.reason, "wrong-interface");
    hop_free(endpoint);
    assert_true(server_stop(&server));
}

/* --- it goes away and comes back */

static void it_is_there_again(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness w[2];
    options.interface = HOME;
    options.flags |= HOP_NO_IPV6;
    begin(&w[0], &options);
    for (int i = 0; i < 5; i++)
        hop_conn_wait(w[0].conn, 10); /* it listens, and watches the network */
    run(replace_home);
    begin(&w[1], &options);
    assert_int_equal(hop_conn_attempt(w[1].conn, hop_conn_local_address(w[0].conn)), 0);
    TURN_UNTIL(w, 2, (w[0].established && w[1].established) || w[1].over);
    assert_int_equal(w[0].established, 1);
    assert_int_equal(w[1].established, 1);
    for (int i = 0; i < 2; i++)
        hop_conn_free(w[i].conn);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_name_that_is_none),
        API_TEST(an_interface_may_have_other_names),
        API_TEST(the_ordinary_one_comes_first),
        API_TEST(the_only_one_is_the_one_that_is_named),
        API_TEST(a_connection_tells_that_address),
        API_TEST(both_ends_keep_to_it),
        API_TEST(a_port_is_of_one_interface),
        API_TEST(nobody_comes_in_by_another),
        API_TEST(loopback_is_los_alone),
        API_TEST(it_is_there_again),
    };
    if (!isolate() || system(make_interfaces) != 0) {
        print_message("1..1\nok interface # SKIP no namespace, no ip(8) or no veth here\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
