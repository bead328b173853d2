/* SPDX-License-Identifier: MIT */
/* What stands in for upnp.c where the library is built without libminiupnpc: there is none. */
#include <stddef.h>

#include "drive/upnp.h"

hop_upnp *hop_upnp_new(void) {
    return NULL;
}

hop_upnp *hop_upnp_free(hop_upnp *upnp) {
    (void)upnp;
    return NULL;
}

void hop_upnp_leave(hop_upnp *upnp) {
    (void)upnp;
}

int hop_upnp_fd(const hop_upnp *upnp) {
    (void)upnp;
    return -1;
}

bool hop_upnp_map(hop_upnp *upnp, const hop_upnp_wish *wish) {
    (void)upnp;
    (void)wish;
    return false;
}

void hop_upnp_unmap(hop_upnp *upnp) {
    (void)upnp;
}

bool hop_upnp_done(hop_upnp *upnp, hop_upnp_result *ret_result) {
    (void)upnp;
    (void)ret_result;
    return false;
}
