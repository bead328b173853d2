/* SPDX-License-Identifier: MIT */
/* Finding a UPnP router; see ssdp.h. */
#include "wire/ssdp.h"

#include <string.h>

#include "base/text.h"

/* A router of the second version answers to the first one's name as well (IGD 2.0 section 2.3). */
static const char search[] = "M-SEARCH * HTTP/1.1\r\n"
                             "HOST: 239.255.255.250:1900\r\n"
                             "MAN: \"ssdp:discover\"\r\n"
                             "MX: 1\r\n"
                             "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
                             "\r\n";

static bool begins_with(const char *text, size_t size, const char *prefix, size_t prefix_size);
static bool take_line(const char **text, size_t *size, const char **ret_line, size_t *ret_size);

const uint8_t *hop_ssdp_search(size_t *ret_size) {
    *ret_size = sizeof search - 1;
    return (const uint8_t *)search;
}

bool hop_ssdp_location(const uint8_t *bytes, size_t size, const hop_address *router,
                       char ret_location[static HOP_SSDP_LOCATION_SIZE]) {
    static const char status[] = "HTTP/1.1 200";
    static const char header[] = "location:";
    const char *text = (const char *)bytes;
    const char *line;
    size_t line_size;
    if (!take_line(&text, &size, &line, &line_size)) return false;
    if (!begins_with(line, line_size, status, sizeof status - 1)) return false;
    while (take_line(&text, &size, &line, &line_size)) {
        if (!begins_with(line, line_size, header, sizeof header - 1)) continue;
        line += sizeof header - 1;
        line_size -= sizeof header - 1;
        hop_text_trim(&line, &line_size);
        if (line_size >= HOP_SSDP_LOCATION_SIZE || !hop_ssdp_is_at(line, line_size, router))
            return false;
        memcpy(ret_location, line, line_size);
        ret_location[line_size] = 0;
        return true;
    }
    return false;
}

bool hop_ssdp_is_at(const char *url, size_t size, const hop_address *router) {
    static const char scheme[] = "http://";
    hop_address at;
    if (!begins_with(url, size, scheme, sizeof scheme - 1)) return false;
    url += sizeof scheme - 1;
    size -= sizeof scheme - 1;
    size_t host_size = 0;
    while (host_size < size && url[host_size] != '/')
        host_size++;
    for (size_t i = 0; i < size; i++)
        if (url[i] <= ' ' || url[i] > '~') return false;
    return hop_address_parse(url, host_size, 80, &at) && hop_address_same_ip(&at, router);
}

/* Without regard to case: header names have none (RFC 9110 section 5.1). */
static bool begins_with(const char *text, size_t size, const char *prefix, size_t prefix_size) {
    if (size < prefix_size) return false;
    for (size_t i = 0; i < prefix_size; i++) {
        char a = text[i], b = prefix[i];
        if (a >= 'A' && a <= 'Z') a = (char)(a - 'A' + 'a');
        if (b >= 'A' && b <= 'Z') b = (char)(b - 'A' + 'a');
        if (a != b) return false;
    }
    return true;
}

static bool take_line(const char **text, size_t *size, const char **ret_line, size_t *ret_size) {
    if (*size == 0) return false;
    size_t length = 0;
    while (length < *size && (*text)[length] != '\n')
        length++;
    *ret_line = *text;
    *ret_size = length;
    size_t taken = length < *size ? length + 1 : length;
    *text += taken;
    *size -= taken;
    return true;
}
