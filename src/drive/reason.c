/* SPDX-License-Identifier: MIT */
/* errno as reasons; see reason.h. */
#include "drive/reason.h"

#include <errno.h>

hop_reason hop_reason_at_once(int error) {
    switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENODEV: /* the interface to keep to is gone */
    case EINVAL:
    case EAFNOSUPPORT: return HOP_REASON_NO_ROUTE;
    case EACCES:
    case EPERM: return HOP_REASON_FORBIDDEN;
    case EADDRNOTAVAIL:
    case EADDRINUSE: return HOP_REASON_IN_USE;
    case ECONNREFUSED:
    case ECONNRESET: return HOP_REASON_REFUSED;
    case ETIMEDOUT: return HOP_REASON_TIMED_OUT;
    default: return HOP_REASON_LOCAL;
    }
}

hop_reason hop_reason_of_dial(int error) {
    switch (error) {
    case ECONNREFUSED:
    case ECONNRESET: return HOP_REASON_REFUSED;
    case EADDRNOTAVAIL:
    case EADDRINUSE: return HOP_REASON_IN_USE;
    case ETIMEDOUT: return HOP_REASON_TIMED_OUT;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: return HOP_REASON_LOCAL;
    default: return HOP_REASON_UNREACHABLE; /* one of the many faces of an ICMP error */
    }
}

hop_reason hop_reason_of_link(int error) {
    switch (error) {
    case ETIMEDOUT: return HOP_REASON_TIMED_OUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN: return HOP_REASON_UNREACHABLE;
    case ENOMEM:
    case ENOBUFS: return HOP_REASON_LOCAL;
    default: return HOP_REASON_RESET;
    }
}
