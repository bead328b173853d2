/* SPDX-License-Identifier: MIT */
/*
 * Our own two addresses: the local one from the user's provider or the interfaces, the public one
 * from whoever was chosen to tell it. All of it goes on beside the attempt and is forgotten when
 * the peer is there.
 */
#include <stdio.h>
#include <string.h>

#include "drive/public_ip.h"
#include "lib/conn_inside.h"

static hop_conn_source choose_source(const hop_conn_options *options);
static void ask_web(hop_conn *conn);
static void local_answered(hop_conn *conn, const char *address, int error);
static void public_answered(hop_conn *conn, const char *address, int error);
static bool read_answer(const hop_conn *conn, const char *text,
                        char ret_text[static HOP_ADDRESS_TEXT_SIZE]);
static void settle(hop_conn *conn);
static bool awaits_public(const hop_conn *conn);

void hop_conn_provide_start(hop_conn *conn) {
    const hop_conn_options *options = &conn->options;
    hop_conn_addresses_interface(conn->port, options->flags, hop_endpoint_interface(conn->endpoint),
                                 conn->interface_text);
    conn->source = choose_source(options);
    if (options->local_ip != NULL) {
        conn->local_request = (hop_address_request){conn, true};
        options->local_ip(&conn->local_request, options->local_ip_user);
    }
    if (conn->source == HOP_CONN_SOURCE_PROVIDER) {
        conn->public_request = (hop_address_request){conn, true};
        options->public_ip(&conn->public_request, options->public_ip_user);
    }
    if (conn->source == HOP_CONN_SOURCE_HTTPS) ask_web(conn);
    hop_conn_log(conn, HOP_LOG_INFO, "local address %s", hop_conn_local_address(conn));
    settle(conn);
}

void hop_address_answer(hop_address_request *request, const char *address, int error) {
    if (request == NULL || request->conn == NULL || !request->open) return;
    hop_conn *conn = request->conn;
    request->open = false;
    if (address == NULL && error == 0) error = HOP_E_PUBLIC_IP;
    if (request == &conn->local_request)
        local_answered(conn, address, error);
    else
        public_answered(conn, address, error);
    settle(conn);
    hop_conn_wake(conn);
}

void hop_conn_provide_process(hop_conn *conn) {
    if (conn->public_ip == NULL) return;
    hop_address address;
    int error = 0;
    const char *text = NULL;
    hop_public_ip_process(conn->public_ip);
    if (!hop_public_ip_done(conn->public_ip, &address, &error, &text)) return;
    if (error == 0) {
        address.port = conn->port;
        hop_address_print(&address, conn->public_text);
    } else {
        hop_conn_fail(conn, error, true, "%s", text); /* forgets the question as well */
        return;
    }
    hop_poller_remove(&conn->poller, hop_public_ip_fd(conn->public_ip));
    conn->public_ip = hop_public_ip_free(conn->public_ip);
    settle(conn);
}

void hop_conn_provide_observed(hop_conn *conn, bool finally) {
    if (conn->source != HOP_CONN_SOURCE_OBSERVED || conn->endpoint == NULL) return;
    hop_address observed = hop_endpoint_observed(conn->endpoint);
    if (conn->public_text[0] == 0 && observed.family != HOP_FAMILY_NONE) {
        hop_address_print(&observed, conn->public_text);
        hop_conn_log(conn, HOP_LOG_INFO, "public address %s, as a server sees it",
                     conn->public_text);
    }
    if (finally && conn->public_text[0] == 0 && conn->with_stun) {
        hop_conn_fail(conn, HOP_E_PUBLIC_IP, true,
                      "the STUN server was not reached, or does not speak STUN over TCP");
    }
    settle(conn);
}

/* Whatever is known by now has to do. */
void hop_conn_provide_stop(hop_conn *conn) {
    conn->local_request.open = false;
    conn->public_request.open = false;
    if (conn->public_ip != NULL) {
        hop_poller_remove(&conn->poller, hop_public_ip_fd(conn->public_ip));
        conn->public_ip = hop_public_ip_free(conn->public_ip);
    }
    if (conn->ready) return;
    conn->ready = true;
    if (conn->stage != HOP_CONN_OVER) conn->due |= HOP_CONN_DUE_READY;
}

int64_t hop_conn_provide_wait_us(const hop_conn *conn) {
    return conn->public_ip == NULL ? INT64_MAX : hop_public_ip_wait_us(conn->public_ip);
}

static hop_conn_source choose_source(const hop_conn_options *options) {
    if (options->flags & HOP_CONN_NO_PUBLIC_IP) return HOP_CONN_SOURCE_NONE;
    if (options->public_ip != NULL) return HOP_CONN_SOURCE_PROVIDER;
    if (options->ticket != NULL || options->stun != NULL) return HOP_CONN_SOURCE_OBSERVED;
    return HOP_CONN_SOURCE_HTTPS;
}

static void ask_web(hop_conn *conn) {
    const hop_conn_options *options = &conn->options;
    conn->public_ip = hop_public_ip_new(
        options->public_ip_url, options->public_ip_ca_file, 0, (options->flags & HOP_NO_IPV4) == 0,
        (options->flags & HOP_NO_IPV6) == 0, hop_endpoint_interface(conn->endpoint));
    if (conn->public_ip == NULL) {
        hop_conn_fail(conn, HOP_E_MEMORY, true, "the public address could not be asked for");
        return;
    }
    if (!hop_poller_add(&conn->poller, hop_public_ip_fd(conn->public_ip), HOP_POLLER_READ,
                        HOP_CONN_TAG_PUBLIC_IP)) {
        hop_conn_fail(conn, HOP_E_SYSTEM, true, "the public address could not be asked for");
    }
}

static void local_answered(hop_conn *conn, const char *address, int error) {
    if (error == 0 && read_answer(conn, address, conn->local_text)) return;
    hop_conn_log(conn, HOP_LOG_INFO, "the local provider gave no address (%d), takes %s", error,
                 conn->interface_text);
}

static void public_answered(hop_conn *conn, const char *address, int error) {
    if (error != 0) {
        hop_conn_fail(conn, error, true, "the provider of the public address failed: %s (%d)",
                      hop_error_text(error), error);
    } else if (!read_answer(conn, address, conn->public_text)) {
        hop_conn_fail(conn, HOP_E_PUBLIC_IP, true, "the provider's answer is no address: %.64s",
                      address);
    }
}

/* The port is ours, unless the provider knows of another one. */
static bool read_answer(const hop_conn *conn, const char *text,
                        char ret_text[static HOP_ADDRESS_TEXT_SIZE]) {
    hop_address address;
    if (!hop_address_parse(text, strlen(text), conn->port, &address)) return false;
    hop_address_print(&address, ret_text);
    return true;
}

/* Are both known, or will they not be? Who connects with a ticket asks the server only when the
 * attempt begins: nobody should wait for that before beginning it. */
static void settle(hop_conn *conn) {
    if (conn->ready || conn->stage == HOP_CONN_OVER) return;
    if (conn->local_request.open || awaits_public(conn)) return;
    conn->ready = true;
    conn->due |= HOP_CONN_DUE_READY;
    if (conn->public_text[0] != 0 && conn->source != HOP_CONN_SOURCE_OBSERVED) {
        hop_conn_log(conn, HOP_LOG_INFO, "public address %s", conn->public_text);
    }
}

static bool awaits_public(const hop_conn *conn) {
    switch (conn->source) {
    case HOP_CONN_SOURCE_NONE: return false;
    case HOP_CONN_SOURCE_PROVIDER: return conn->public_request.open;
    case HOP_CONN_SOURCE_HTTPS: return conn->public_ip != NULL;
    case HOP_CONN_SOURCE_OBSERVED:
        if (conn->with_ticket && (conn->options.flags & HOP_CONN_LISTEN) == 0) return false;
        return conn->public_text[0] == 0;
    }
    return false;
}
