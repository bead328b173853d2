/* SPDX-License-Identifier: MIT */
/* The table of errors (hopconn/error.h) as functions; and the other names that never change. */
#include <hopconn/hopconn.h>

#include "hop_config.h"

typedef struct error_row {
    int code;
    const char *name;
    const char *sentence;
    const char *advice;
} error_row;

static const error_row *row_of(int error);

const char *hop_error_name(int error) {
    return row_of(error)->name;
}

const char *hop_error_text(int error) {
    return row_of(error)->sentence;
}

const char *hop_error_advice(int error) {
    return row_of(error)->advice;
}

const char *hop_route_name(hop_route route) {
    switch (route) {
    case HOP_ROUTE_NONE: return "none";
    case HOP_ROUTE_LAN: return "lan";
    case HOP_ROUTE_IPV6: return "ipv6";
    case HOP_ROUTE_DIRECT: return "direct";
    case HOP_ROUTE_PUNCHED: return "punched";
    case HOP_ROUTE_MAPPED: return "mapped";
    case HOP_ROUTE_RELAYED: return "relayed";
    }
    return "none";
}

const char *hop_version(void) {
    return HOP_VERSION_TEXT;
}

static const error_row *row_of(int error) {
#define ROW(code, name, sentence, advice)                                                          \
    {code, #name, sentence, advice " See " #name " in docs/troubleshooting.md."},
    static const error_row rows[] = {HOP_ERROR_MAP(ROW)};
#undef ROW
    static const error_row unknown = {0, "UNKNOWN", "an unknown error",
                                      "Look whether program and library are of one version."};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == error) return &rows[i];
    }
    return &unknown;
}
