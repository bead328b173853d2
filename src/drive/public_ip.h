/* SPDX-License-Identifier: MIT */
/*
 * Our public IP address as a web service sees it: one GET by libcurl's multi interface, whose
 * answer must be an address and nothing else. It never blocks and starts no thread (names go
 * through resolver.c, not through libcurl's own threads). It has a poller of its own, to be nested
 * in another one. It knows nothing of ports: what it learns is an IP address alone.
 */
#ifndef HOP_DRIVE_PUBLIC_IP_H
#define HOP_DRIVE_PUBLIC_IP_H

#include <hopconn/error.h>

#include "base/address.h"

#define HOP_PUBLIC_IP_URL        "https://api.ipify.org"
#define HOP_PUBLIC_IP_TIMEOUT_US 5000000LL

typedef struct hop_public_ip hop_public_ip;

/* Begins to ask. url: http or https, NULL: HOP_PUBLIC_IP_URL; ca_file: certificates to trust, NULL:
 * the system's; timeout_us: for all of it, 0: HOP_PUBLIC_IP_TIMEOUT_US. The service is asked over
 * IPv4 first where both families are used, and its answer must be of the family it was asked over.
 * interface: by which alone (the name servers aside), NULL: any. The texts are copied. Whatever
 * goes wrong is told by hop_public_ip_done, also that this library was built without libcurl; NULL:
 * out of memory or of descriptors, see errno. */
hop_public_ip *hop_public_ip_new(const char *url, const char *ca_file, int64_t timeout_us,
                                 bool use_ipv4, bool use_ipv6, const char *interface);
/* Stops what is going on. NULL is fine; returns NULL. */
hop_public_ip *hop_public_ip_free(hop_public_ip *ask);

/* Readable: call hop_public_ip_process. Stays the same, and open, until hop_public_ip_free. */
int hop_public_ip_fd(const hop_public_ip *ask);
/* How long it can be left alone; INT64_MAX: until the descriptor is readable. */
int64_t hop_public_ip_wait_us(const hop_public_ip *ask);
/* Does what can be done now. May be called at any time, also when all is done. */
void hop_public_ip_process(hop_public_ip *ask);

/* Is it over? Then ret_error is 0 and ret_address our address, with port 0; or ret_error is
 * HOP_E_PUBLIC_IP (HOP_E_INVALID: the url) and ret_text says what happened, as long as ask lives.
 * May be true at once after hop_public_ip_new. */
bool hop_public_ip_done(const hop_public_ip *ask, hop_address *ret_address, int *ret_error,
                        const char **ret_text);

#endif
