/* SPDX-License-Identifier: MIT */
/* c-ares in the poller's hands. */
#include "drive/resolver.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define QUERY_TIMEOUT_MS 2000
#define QUERY_TRIES      3

static bool open_channel(hop_resolver *resolver);
static void on_socket(void *context, ares_socket_t fd, int read, int write);
static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *result);
static void collect(hop_resolver_query *query, const struct ares_addrinfo_node *node);

void hop_resolver_init(hop_resolver *resolver, hop_poller *poller, bool use_ipv4, bool use_ipv6) {
    memset(resolver, 0, sizeof *resolver);
    resolver->poller = poller;
    resolver->use_ipv4 = use_ipv4;
    resolver->use_ipv6 = use_ipv6;
    for (unsigned i = 0; i < HOP_TICKET_SERVERS_MAX; i++) {
        resolver->queries[i].resolver = resolver;
        resolver->queries[i].answer.server = i;
    }
}

void hop_resolver_close(hop_resolver *resolver) {
    if (resolver->channel != NULL) ares_destroy(resolver->channel);
    resolver->channel = NULL;
}

/* A question that is out keeps its channel: to destroy it would be an answer, and a bad one. */
void hop_resolver_renew(hop_resolver *resolver) {
    for (unsigned i = 0; i < HOP_TICKET_SERVERS_MAX; i++)
        if (resolver->queries[i].state == HOP_RESOLVER_ASKED) return;
    hop_resolver_close(resolver);
}

void hop_resolver_ask(hop_resolver *resolver, unsigned server, const hop_ticket_server *name) {
    hop_resolver_query *query = &resolver->queries[server];
    if (query->state == HOP_RESOLVER_ASKED) return; /* its answer will do for both */
    query->answer.count = 0;
    query->port = name->port;
    hop_address literal;
    if (hop_address_parse(name->host, strlen(name->host), name->port, &literal)) {
        literal.port = name->port;
        bool wanted = literal.family == HOP_FAMILY_IPV4 ? resolver->use_ipv4 : resolver->use_ipv6;
        if (wanted) query->answer.addresses[query->answer.count++] = literal;
        query->state = HOP_RESOLVER_ANSWERED;
        return;
    }
    if (!open_channel(resolver)) {
        query->state = HOP_RESOLVER_ANSWERED;
        return;
    }
    struct ares_addrinfo_hints hints = {.ai_socktype = SOCK_STREAM};
    hints.ai_family = !resolver->use_ipv6 ? AF_INET : !resolver->use_ipv4 ? AF_INET6 : AF_UNSPEC;
    query->state = HOP_RESOLVER_ASKED;
    ares_getaddrinfo(resolver->channel, name->host, NULL, &hints, on_answer, query);
}

void hop_resolver_process(hop_resolver *resolver, int fd, unsigned what) {
    if (resolver->channel == NULL) return;
    /* An error is told by reading it. */
    bool readable = (what & (HOP_POLLER_READ | HOP_POLLER_ERROR)) != 0;
    bool writable = (what & HOP_POLLER_WRITE) != 0;
    ares_process_fd(resolver->channel, readable ? fd : ARES_SOCKET_BAD,
                    writable ? fd : ARES_SOCKET_BAD);
}

void hop_resolver_tick(hop_resolver *resolver) {
    if (resolver->channel == NULL) return;
    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

int64_t hop_resolver_wait_us(const hop_resolver *resolver) {
    struct timeval left;
    if (resolver->channel == NULL) return INT64_MAX;
    if (ares_timeout(resolver->channel, NULL, &left) == NULL) return INT64_MAX;
    return (int64_t)left.tv_sec * 1000000 + left.tv_usec;
}

bool hop_resolver_next(hop_resolver *resolver, hop_resolver_answer *ret_answer) {
    for (unsigned i = 0; i < HOP_TICKET_SERVERS_MAX; i++) {
        if (resolver->queries[i].state != HOP_RESOLVER_ANSWERED) continue;
        resolver->queries[i].state = HOP_RESOLVER_IDLE;
        *ret_answer = resolver->queries[i].answer;
        return true;
    }
    return false;
}

/* ares_library_init() is for Windows, and counts without a lock: left alone. */
static bool open_channel(hop_resolver *resolver) {
    if (resolver->channel != NULL) return true;
    struct ares_options options = {.timeout = QUERY_TIMEOUT_MS, .tries = QUERY_TRIES};
    options.sock_state_cb = on_socket;
    options.sock_state_cb_data = resolver;
    int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
    return ares_init_options(&resolver->channel, &options, mask) == ARES_SUCCESS;
}

static void on_socket(void *context, ares_socket_t fd, int read, int write) {
    hop_resolver *resolver = context;
    unsigned interest = (read ? HOP_POLLER_READ : 0u) | (write ? HOP_POLLER_WRITE : 0u);
    uint32_t tag = hop_tag(HOP_TAG_RESOLVER, (uint32_t)fd);
    if (interest == 0) {
        hop_poller_remove(resolver->poller, fd);
    } else if (!hop_poller_modify(resolver->poller, fd, interest, tag)) {
        /* New to us. If adding fails as well, the query's time-out ends it. */
        (void)hop_poller_add(resolver->poller, fd, interest, tag);
    }
}

static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *result) {
    (void)timeouts;
    hop_resolver_query *query = context;
    if (status == ARES_SUCCESS && result != NULL) {
        for (const struct ares_addrinfo_node *it = result->nodes; it != NULL; it = it->ai_next) {
            collect(query, it);
        }
    }
    if (result != NULL) ares_freeaddrinfo(result);
    query->state = HOP_RESOLVER_ANSWERED;
}

static void collect(hop_resolver_query *query, const struct ares_addrinfo_node *node) {
    hop_address address = {.port = query->port};
    if (node->ai_family == AF_INET && query->resolver->use_ipv4) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, node->ai_addr, sizeof ipv4);
        address.family = HOP_FAMILY_IPV4;
        memcpy(address.ip, &ipv4.sin_addr, 4);
    } else if (node->ai_family == AF_INET6 && query->resolver->use_ipv6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, node->ai_addr, sizeof ipv6);
        address.family = HOP_FAMILY_IPV6;
        memcpy(address.ip, &ipv6.sin6_addr, 16);
    } else {
        return;
    }
    hop_resolver_answer *answer = &query->answer;
    for (unsigned i = 0; i < answer->count; i++) {
        if (hop_address_equal(&answer->addresses[i], &address)) return;
    }
    if (answer->count < HOP_SERVER_ADDRESSES_MAX) answer->addresses[answer->count++] = address;
}
