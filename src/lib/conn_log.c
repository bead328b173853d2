/* SPDX-License-Identifier: MIT */
/* The connection's log lines and their trace id. Nothing is formatted that nobody reads. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/conn_inside.h"
#include "secure/secure.h"

#define LINE_SIZE 1024

void hop_conn_log(const hop_conn *conn, hop_log_level level, const char *format, ...) {
    const hop_conn_options *options = &conn->options;
    if (options->log_handler == NULL || level > options->log_level) return;
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    options->log_handler(level, conn->trace_id, line, options->log_user);
}

bool hop_conn_log_name(hop_conn *conn) {
    if (conn->options.trace_id != NULL) {
        snprintf(conn->trace_id, sizeof conn->trace_id, "%s", conn->options.trace_id);
        return true;
    }
    uint8_t bytes[8];
    const hop_crypto *crypto = hop_secure_crypto();
    if (!crypto->random(crypto->context, bytes, sizeof bytes)) return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(conn->trace_id + 2 * i, 3, "%02x", bytes[i]);
    return true;
}
