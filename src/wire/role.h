/* SPDX-License-Identifier: MIT */
/* Which side nominates (RFC 8445 section 6.1.1). Comes from the rendezvous or from the
 * descriptions, never from who dialled. */
#ifndef HOP_WIRE_ROLE_H
#define HOP_WIRE_ROLE_H

typedef enum hop_role {
    HOP_ROLE_UNSETTLED = 0, /* bare addresses: roles come of the HELLOs' tie-breakers (hello.h) */
    HOP_ROLE_CONTROLLING = 1,
    HOP_ROLE_CONTROLLED = 2
} hop_role;

static inline hop_role hop_role_other(hop_role role) {
    if (role == HOP_ROLE_UNSETTLED) return HOP_ROLE_UNSETTLED;
    return role == HOP_ROLE_CONTROLLING ? HOP_ROLE_CONTROLLED : HOP_ROLE_CONTROLLING;
}

#endif
