/* SPDX-License-Identifier: MIT */
/* What stands in for public_ip.c where the library is built without libcurl: it says so. */
#include <stdlib.h>

#include "drive/poller.h"
#include "drive/public_ip.h"

struct hop_public_ip {
    hop_poller poller;
};

hop_public_ip *hop_public_ip_new(const char *url, const char *ca_file, int64_t timeout_us,
                                 bool use_ipv4, bool use_ipv6, const char *interface) {
    (void)url;
    (void)ca_file;
    (void)timeout_us;
    (void)use_ipv4;
    (void)use_ipv6;
    (void)interface;
    hop_public_ip *ask = calloc(1, sizeof *ask);
    if (ask == NULL || hop_poller_open(&ask->poller)) return ask;
    free(ask);
    return NULL;
}

hop_public_ip *hop_public_ip_free(hop_public_ip *ask) {
    if (ask != NULL) hop_poller_close(&ask->poller);
    free(ask);
    return NULL;
}

int hop_public_ip_fd(const hop_public_ip *ask) {
    return ask->poller.fd;
}

int64_t hop_public_ip_wait_us(const hop_public_ip *ask) {
    (void)ask;
    return INT64_MAX;
}

void hop_public_ip_process(hop_public_ip *ask) {
    (void)ask;
}

bool hop_public_ip_done(const hop_public_ip *ask, hop_address *ret_address, int *ret_error,
                        const char **ret_text) {
    (void)ask;
    (void)ret_address;
    *ret_error = HOP_E_PUBLIC_IP;
    *ret_text = "this library was built without libcurl, which would ask for it";
    return true;
}
