/* SPDX-License-Identifier: MIT */
/*
 * libcurl's multi interface in the hands of a poller of our own. The name is resolved by our own
 * resolver and handed to libcurl with the request, because libcurl would start a thread for it.
 * One request, one connection, no redirect; all but a plain address is refused.
 */
#include "drive/public_ip.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "drive/clock.h"
#include "drive/resolver.h"
#include "drive/socket.h"

#define ANSWER_MAX     64 /* an address is at the most 39 letters long, and there is a line end */
#define HEAD_SIZE_MAX  16384 /* libcurl keeps what it is sent: 1xx answers could go on for ever */
#define OTHER_AFTER_MS 1000  /* a silent first address: then the other family beside it */
#define BATCH_MAX      8
#define TEXT_SIZE      640

struct hop_public_ip {
    hop_poller poller; /* the resolver's sockets and libcurl's, nobody else's */
    hop_resolver resolver;
    hop_ticket_server service;
    char *ca_file;
    char interface[HOP_INTERFACE_NAME_SIZE]; /* empty: any */
    CURLU *url;
    CURLM *multi;
    CURL *easy; /* NULL: still resolving, or over */
    struct curl_slist *resolved;
    int64_t deadline_us;
    int64_t timer_us; /* when to come back without readiness; INT64_MAX: never */
    int64_t timeout_us;
    size_t head_size;
    size_t answer_size;
    char answer[ANSWER_MAX];
    const char *refusal; /* why one of our callbacks stopped libcurl; NULL: none did */
    char detail[CURL_ERROR_SIZE];
    bool over;
    int error;
    hop_address address;
    char text[TEXT_SIZE];
};

static bool parse_url(hop_public_ip *ask, const char *url);
static void dispatch(hop_public_ip *ask, const hop_poller_ready *ready);
static void begin(hop_public_ip *ask, const hop_resolver_answer *addresses);
static bool give_addresses(hop_public_ip *ask, const hop_resolver_answer *addresses);
static bool set_up_easy(hop_public_ip *ask);
static bool set_up_trust(hop_public_ip *ask);
static bool set_up_multi(hop_public_ip *ask);
static void act(hop_public_ip *ask, curl_socket_t fd, int what);
static void look_for_end(hop_public_ip *ask);
static void judge(hop_public_ip *ask, CURLcode code);
static const char *read_answer(const hop_public_ip *ask, hop_address *ret_address);
static bool is_whole(const hop_public_ip *ask);
static void fail(hop_public_ip *ask, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void release(hop_public_ip *ask);
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket);
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *to);
static int on_timer(CURLM *multi, long wait_ms, void *context);
static size_t on_body(char *bytes, size_t one, size_t size, void *context);
static size_t on_head(char *bytes, size_t one, size_t size, void *context);
static int on_resolving(void *state, void *reserved, void *context);

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;

/* Never undone: the program may use libcurl for itself, in other threads. */
static void start_curl(void) {
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

hop_public_ip *hop_public_ip_new(const char *url, const char *ca_file, int64_t timeout_us,
                                 bool use_ipv4, bool use_ipv6, const char *interface) {
    hop_public_ip *ask = calloc(1, sizeof *ask);
    if (ask == NULL) return NULL;
    ask->timeout_us = timeout_us > 0 ? timeout_us : HOP_PUBLIC_IP_TIMEOUT_US;
    ask->deadline_us = hop_clock_now_us() + ask->timeout_us;
    ask->timer_us = 0; /* the resolver may know at once */
    ask->poller.fd = -1;
    if (interface != NULL) snprintf(ask->interface, sizeof ask->interface, "%s", interface);
    if (ca_file != NULL) ask->ca_file = strdup(ca_file);
    if ((ca_file != NULL && ask->ca_file == NULL) || !hop_poller_open(&ask->poller)) {
        return hop_public_ip_free(ask);
    }
    hop_resolver_init(&ask->resolver, &ask->poller, use_ipv4, use_ipv6);
    if (pthread_once(&curl_once, start_curl) != 0 || !curl_ready) {
        fail(ask, HOP_E_PUBLIC_IP, "libcurl does not start");
    } else if (!parse_url(ask, url != NULL ? url : HOP_PUBLIC_IP_URL)) {
        fail(ask, HOP_E_INVALID, "not an http or https address: %.256s", url);
    } else {
        hop_resolver_ask(&ask->resolver, 0, &ask->service);
    }
    return ask;
}

hop_public_ip *hop_public_ip_free(hop_public_ip *ask) {
    if (ask == NULL) return NULL;
    release(ask);
    hop_poller_close(&ask->poller);
    free(ask->ca_file);
    free(ask);
    return NULL;
}

int hop_public_ip_fd(const hop_public_ip *ask) {
    return ask->poller.fd;
}

int64_t hop_public_ip_wait_us(const hop_public_ip *ask) {
    if (ask->over) return INT64_MAX;
    int64_t now_us = hop_clock_now_us();
    int64_t until_us = ask->timer_us < ask->deadline_us ? ask->timer_us : ask->deadline_us;
    int64_t wait_us = until_us > now_us ? until_us - now_us : 0;
    int64_t resolver_us = hop_resolver_wait_us(&ask->resolver);
    return resolver_us < wait_us ? resolver_us : wait_us;
}

void hop_public_ip_process(hop_public_ip *ask) {
    if (ask->over) return;
    hop_poller_ready ready[BATCH_MAX];
    int count = hop_poller_ready_now(&ask->poller, ready, BATCH_MAX);
    for (int i = 0; i < count && !ask->over; i++)
        dispatch(ask, &ready[i]);
    if (!ask->over && ask->easy == NULL) {
        hop_resolver_answer addresses;
        hop_resolver_tick(&ask->resolver);
        if (hop_resolver_next(&ask->resolver, &addresses)) begin(ask, &addresses);
    }
    if (!ask->over && ask->timer_us <= hop_clock_now_us()) {
        ask->timer_us = INT64_MAX;
        if (ask->easy != NULL) act(ask, CURL_SOCKET_TIMEOUT, 0);
    }
    if (!ask->over && ask->easy != NULL) look_for_end(ask);
    if (!ask->over && ask->deadline_us <= hop_clock_now_us()) {
        fail(ask, HOP_E_PUBLIC_IP, "%s: no answer within %" PRId64 " ms", ask->service.host,
             ask->timeout_us / 1000);
    }
}

bool hop_public_ip_done(const hop_public_ip *ask, hop_address *ret_address, int *ret_error,
                        const char **ret_text) {
    if (!ask->over) return false;
    *ret_error = ask->error;
    if (ask->error == 0) {
        *ret_address = ask->address;
    } else {
        *ret_text = ask->text;
    }
    return true;
}

/* By libcurl's own parser, so that it and we mean the same host. */
static bool parse_url(hop_public_ip *ask, const char *url) {
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *zone = NULL; /* libcurl takes it off the host, where we would not see it */
    ask->url = curl_url();
    bool good = ask->url != NULL && curl_url_set(ask->url, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(ask->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(ask->url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                curl_url_get(ask->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(ask->url, CURLUPART_ZONEID, &zone, 0) == CURLUE_NO_ZONEID &&
                (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
                hop_ticket_server_parse(host, strlen(host), &ask->service);
    if (good) ask->service.port = (uint16_t)strtoul(port, NULL, 10); /* libcurl checked it */
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(zone);
    return good;
}

static void dispatch(hop_public_ip *ask, const hop_poller_ready *ready) {
    int fd = (int)hop_tag_number_of(ready->tag);
    if (hop_tag_kind_of(ready->tag) == HOP_TAG_RESOLVER) {
        hop_resolver_process(&ask->resolver, fd, ready->what);
        return;
    }
    int what = 0;
    if (ready->what & HOP_POLLER_READ) what |= CURL_CSELECT_IN;
    if (ready->what & HOP_POLLER_WRITE) what |= CURL_CSELECT_OUT;
    if (ready->what & HOP_POLLER_ERROR) what |= CURL_CSELECT_ERR;
    act(ask, fd, what);
}

static void begin(hop_public_ip *ask, const hop_resolver_answer *addresses) {
    if (addresses->count == 0) {
        fail(ask, HOP_E_PUBLIC_IP, "%s: the name could not be resolved", ask->service.host);
        return;
    }
    ask->easy = curl_easy_init();
    ask->multi = curl_multi_init();
    bool good = ask->easy != NULL && ask->multi != NULL && give_addresses(ask, addresses) &&
                set_up_easy(ask) && set_up_trust(ask) && set_up_multi(ask);
    if (!good) fail(ask, HOP_E_PUBLIC_IP, "libcurl does not take the request");
}

/* "host:port:address,address,...": IPv4 first; libcurl begins with the family of the first. */
static bool give_addresses(hop_public_ip *ask, const hop_resolver_answer *addresses) {
    static const uint8_t families[] = {HOP_FAMILY_IPV4, HOP_FAMILY_IPV6};
    char line[HOP_HOST_TEXT_MAX + 16 + HOP_SERVER_ADDRESSES_MAX * HOP_ADDRESS_TEXT_SIZE];
    hop_address literal;
    const char *host = ask->service.host;
    /* libcurl reads an address without resolving anything. */
    if (hop_address_parse(host, strlen(host), 1, &literal)) return true;
    size_t used = (size_t)snprintf(line, sizeof line, "%s:%u:", host, ask->service.port);
    for (size_t f = 0; f < sizeof families; f++) {
        for (unsigned i = 0; i < addresses->count; i++) {
            char text[HOP_ADDRESS_TEXT_SIZE];
            if (addresses->addresses[i].family != families[f]) continue;
            hop_address_print(&addresses->addresses[i], text);
            *strrchr(text, ':') = 0; /* the port */
            used += (size_t)snprintf(line + used, sizeof line - used, "%s,", text);
        }
    }
    line[used - 1] = 0; /* the last comma */
    ask->resolved = curl_slist_append(NULL, line);
    /* Should libcurl ever find no address in it, it must not begin to resolve by itself. */
    return ask->resolved != NULL &&
           curl_easy_setopt(ask->easy, CURLOPT_RESOLVE, ask->resolved) == CURLE_OK &&
           curl_easy_setopt(ask->easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolving) == CURLE_OK;
}

/* FOLLOWLOCATION stays off, as it is: a redirect is an answer other than 200. The deadline is ours,
 * over all of it. */
static bool set_up_easy(hop_public_ip *ask) {
    CURL *easy = ask->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CURLU, ask->url);
    code |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    code |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* Signal handlers belong to the program; libcurl writes with MSG_NOSIGNAL since 7.87. */
    code |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A proxy of the environment would show the proxy's address. */
    code |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    code |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long)OTHER_AFTER_MS);
    code |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "hopconn");
    code |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    code |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, ask);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, ask);
    code |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
    code |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, ask);
    code |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, ask->detail);
    return code == CURLE_OK;
}

static bool set_up_trust(hop_public_ip *ask) {
    CURL *easy = ask->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    code |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ask->ca_file != NULL) {
        code |= curl_easy_setopt(easy, CURLOPT_CAINFO, ask->ca_file);
        /* Else the system's folder of certificates would be trusted besides. */
        code |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return code == CURLE_OK;
}

static bool set_up_multi(hop_public_ip *ask) {
    CURLM *multi = ask->multi;
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, ask) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERDATA, ask) == CURLM_OK &&
           curl_multi_add_handle(multi, ask->easy) == CURLM_OK;
}

static void act(hop_public_ip *ask, curl_socket_t fd, int what) {
    int running;
    if (ask->multi == NULL) return;
    CURLMcode code = curl_multi_socket_action(ask->multi, fd, what, &running);
    if (code != CURLM_OK) {
        fail(ask, HOP_E_PUBLIC_IP, "%s: %s", ask->service.host, curl_multi_strerror(code));
    }
}

static void look_for_end(hop_public_ip *ask) {
    int left;
    const CURLMsg *message = curl_multi_info_read(ask->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE) judge(ask, message->data.result);
}

static void judge(hop_public_ip *ask, CURLcode code) {
    const char *host = ask->service.host;
    long status = 0;
    curl_easy_getinfo(ask->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status > 200 || (code == CURLE_OK && status != 200)) {
        fail(ask, HOP_E_PUBLIC_IP, "%s: answered with HTTP status %ld", host, status);
    } else if (code != CURLE_OK) {
        const char *why = ask->detail[0] != 0 ? ask->detail : curl_easy_strerror(code);
        fail(ask, HOP_E_PUBLIC_IP, "%s: %s", host, ask->refusal != NULL ? ask->refusal : why);
    } else {
        const char *wrong = read_answer(ask, &ask->address);
        if (wrong != NULL) {
            fail(ask, HOP_E_PUBLIC_IP, "%s: %s", host, wrong);
            return;
        }
        ask->over = true;
        release(ask);
    }
}

/* NULL, or what is wrong with the answer. */
static const char *read_answer(const hop_public_ip *ask, hop_address *ret_address) {
    const char *text = ask->answer;
    size_t size = ask->answer_size;
    hop_address address;
    const char *asked_at = NULL;
    hop_text_trim(&text, &size);
    if (!is_whole(ask)) return "the answer does not say where it ends";
    /* With a port of its own or in brackets it would be something else than an IP address. */
    if (size == 0 || text[0] == '[' || hop_address_parse(text, size, 0, &address) ||
        !hop_address_parse(text, size, 1, &address)) {
        return "the answer is not an IP address";
    }
    address = hop_address_unmapped(&address);
    address.port = 0;
    if (hop_address_scope(&address) != HOP_SCOPE_PUBLIC) return "the answer is no public address";
    curl_easy_getinfo(ask->easy, CURLINFO_PRIMARY_IP, &asked_at);
    bool over_ipv6 = asked_at != NULL && strchr(asked_at, ':') != NULL;
    if (address.family != (over_ipv6 ? HOP_FAMILY_IPV6 : HOP_FAMILY_IPV4)) {
        return "the answer is of the family that we did not come by";
    }
    *ret_address = address;
    return NULL;
}

/* An answer that lasts until the connection ends could have been cut: libcurl takes also an end
 * without TLS's own for one, and "198.51.100.77" cut by a letter is another address. Where there is
 * a length or chunks, libcurl compares. */
static bool is_whole(const hop_public_ip *ask) {
    curl_off_t length = -1;
    struct curl_header *encoding;
    curl_easy_getinfo(ask->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) return true;
    return curl_easy_header(ask->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &encoding) ==
               CURLHE_OK &&
           strcasecmp(encoding->value, "chunked") == 0;
}

static void fail(hop_public_ip *ask, int error, const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(ask->text, sizeof ask->text, format, values);
    va_end(values);
    ask->error = error;
    ask->over = true;
    release(ask);
}

/* All but the poller's own descriptor, which may be nested in another. */
static void release(hop_public_ip *ask) {
    if (ask->multi != NULL && ask->easy != NULL) curl_multi_remove_handle(ask->multi, ask->easy);
    if (ask->easy != NULL) curl_easy_cleanup(ask->easy);
    if (ask->multi != NULL) curl_multi_cleanup(ask->multi);
    if (ask->url != NULL) curl_url_cleanup(ask->url);
    curl_slist_free_all(ask->resolved);
    ask->easy = NULL;
    ask->multi = NULL;
    ask->url = NULL;
    ask->resolved = NULL;
    hop_resolver_close(&ask->resolver);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket) {
    (void)easy;
    (void)of_socket;
    hop_public_ip *ask = context;
    if (what == CURL_POLL_REMOVE) {
        hop_poller_remove(&ask->poller, fd);
        return 0;
    }
    unsigned interest = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) interest |= HOP_POLLER_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) interest |= HOP_POLLER_WRITE;
    uint32_t tag = hop_tag(HOP_TAG_LINK, (uint32_t)fd);
    bool good = hop_poller_modify(&ask->poller, fd, interest, tag) ||
                hop_poller_add(&ask->poller, fd, interest, tag); /* new to us */
    return good ? 0 : -1;
}

/* libcurl itself leaves its sockets open for a program that we might start. (The pair that wakes it
 * up stays so: it leads nowhere.) */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *to) {
    const hop_public_ip *ask = context;
    const char *interface = ask->interface[0] != 0 ? ask->interface : NULL;
    (void)purpose;
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    if (hop_socket_keep_to(fd, interface)) return fd;
    close(fd);
    return CURL_SOCKET_BAD;
}

static int on_timer(CURLM *multi, long wait_ms, void *context) {
    (void)multi;
    hop_public_ip *ask = context;
    ask->timer_us = wait_ms < 0 ? INT64_MAX : hop_clock_now_us() + (int64_t)wait_ms * 1000;
    return 0;
}

/* Taking less than was offered ends the transfer. */
static size_t on_body(char *bytes, size_t one, size_t size, void *context) {
    hop_public_ip *ask = context;
    size *= one;
    if (size > sizeof ask->answer - ask->answer_size) {
        ask->refusal = "the answer is too long for an IP address";
        return 0;
    }
    memcpy(ask->answer + ask->answer_size, bytes, size);
    ask->answer_size += size;
    return size;
}

static size_t on_head(char *bytes, size_t one, size_t size, void *context) {
    (void)bytes;
    hop_public_ip *ask = context;
    size *= one;
    ask->head_size += size;
    if (ask->head_size <= HEAD_SIZE_MAX) return size;
    ask->refusal = "the answer's head is too long";
    return 0;
}

static int on_resolving(void *state, void *reserved, void *context) {
    (void)state;
    (void)reserved;
    (void)context;
    return 1; /* stop */
}
