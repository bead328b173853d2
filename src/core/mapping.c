/* SPDX-License-Identifier: MIT */
/* One port on the router; see mapping.h. */
#include "core/mapping.h"

#include <string.h>

#include "base/limits.h"

static hop_mapping_output *put(hop_mapping *mapping, hop_mapping_output_kind kind);
static void ask(hop_mapping *mapping);
static void transmit(hop_mapping *mapping);
static void send_pcp(hop_mapping *mapping, uint32_t lifetime_s);
static void send_natpmp_map(hop_mapping *mapping, uint32_t lifetime_s);
static hop_map_trouble judge_ip(const hop_address *external);
static void received(hop_mapping *mapping, const uint8_t *bytes, size_t size);
static void received_pcp(hop_mapping *mapping, const hop_pcp *response);
static void received_natpmp(hop_mapping *mapping, const hop_natpmp *response);
static void announced(hop_mapping *mapping, const uint8_t *bytes, size_t size);
static void found(hop_mapping *mapping, const uint8_t *bytes, size_t size);
static void upnp_done(hop_mapping *mapping, const hop_mapping_input *input);
static void grant(hop_mapping *mapping, hop_map_protocol protocol, const hop_address *external,
                  uint32_t lifetime_s);
static void refuse(hop_mapping *mapping, hop_map_protocol protocol, hop_map_trouble trouble,
                   const hop_address *external, int64_t code);
static void give_back(hop_mapping *mapping, hop_map_protocol protocol, const hop_address *external);
static void stop(hop_mapping *mapping);
static void tick(hop_mapping *mapping);

void hop_mapping_init(hop_mapping *mapping, const hop_mapping_config *config) {
    memset(mapping, 0, sizeof *mapping);
    mapping->config = *config;
}

void hop_mapping_step(hop_mapping *mapping, int64_t now_us, const hop_mapping_input *input) {
    mapping->output_count = 0;
    mapping->output_taken = 0;
    mapping->now_us = now_us;
    if (mapping->phase == HOP_MAPPING_OVER) return;
    if (mapping->phase == HOP_MAPPING_IDLE && input->kind != HOP_MAPPING_IN_START) return;
    switch (input->kind) {
    case HOP_MAPPING_IN_TIMER: break;
    case HOP_MAPPING_IN_START:
        if (mapping->phase == HOP_MAPPING_IDLE) ask(mapping);
        break;
    case HOP_MAPPING_IN_RECEIVED: received(mapping, input->bytes, input->size); break;
    case HOP_MAPPING_IN_ANNOUNCED: announced(mapping, input->bytes, input->size); break;
    case HOP_MAPPING_IN_FOUND: found(mapping, input->bytes, input->size); break;
    case HOP_MAPPING_IN_UPNP: upnp_done(mapping, input); break;
    case HOP_MAPPING_IN_STOP: stop(mapping); return;
    }
    tick(mapping);
}

bool hop_mapping_next(hop_mapping *mapping, hop_mapping_output *ret_output) {
    if (mapping->output_taken == mapping->output_count) return false;
    *ret_output = mapping->outputs[mapping->output_taken++];
    return true;
}

/* Beyond the room there is a scratch output: losing a datagram is no harm. */
static hop_mapping_output *put(hop_mapping *mapping, hop_mapping_output_kind kind) {
    unsigned last = HOP_MAPPING_OUTPUTS_MAX - 1;
    unsigned at = mapping->output_count < last ? mapping->output_count++ : last;
    hop_mapping_output *output = &mapping->outputs[at];
    memset(output, 0, sizeof *output);
    output->kind = kind;
    return output;
}

/* --- asking --- */

/* A PCP mapping and the NAT-PMP question for the outside address at once: a router speaks one of
 * the two or both, and the one mapping is asked for by PCP where there is PCP.
 *
 * RFC 6887 section 8.1.1 would wait 3 s before the first retransmission. An attempt is over by
 * then. So both keep to RFC 6886 section 3.1, 250 ms and doubling, but stop after the fourth time:
 * that is no more datagrams than PCP's own schedule sends in its first half minute. */
static void ask(hop_mapping *mapping) {
    mapping->phase = HOP_MAPPING_ASKING;
    mapping->pcp = HOP_MAPPING_WAY_ASKED;
    mapping->natpmp = HOP_MAPPING_WAY_ASKED;
    mapping->upnp = mapping->config.use_upnp ? HOP_MAPPING_WAY_UNKNOWN : HOP_MAPPING_WAY_SETTLED;
    mapping->natpmp_mapped = false;
    mapping->natpmp_ip.family = HOP_FAMILY_NONE;
    mapping->protocol = HOP_MAP_NONE;
    mapping->trouble = HOP_MAP_TROUBLE_NONE;
    mapping->send_count = 0;
    mapping->interval_us = HOP_MAP_RESEND_US;
    mapping->send_us = mapping->now_us;
    mapping->search_count = 0;
    mapping->search_us = mapping->now_us + HOP_MAP_UPNP_AFTER_US;
}

static bool asks(const hop_mapping *mapping, hop_map_protocol protocol) {
    hop_mapping_way way = protocol == HOP_MAP_PCP ? mapping->pcp : mapping->natpmp;
    if (mapping->phase == HOP_MAPPING_HELD) return mapping->protocol == protocol;
    return mapping->phase == HOP_MAPPING_ASKING && way == HOP_MAPPING_WAY_ASKED;
}

/* PCP comes first; who has let its first chance pass shares it with NAT-PMP. */
static bool natpmp_may_map(const hop_mapping *mapping) {
    if (!asks(mapping, HOP_MAP_NATPMP) || mapping->natpmp_ip.family == HOP_FAMILY_NONE)
        return false;
    if (mapping->phase == HOP_MAPPING_HELD) return true;
    return mapping->pcp == HOP_MAPPING_WAY_SETTLED || mapping->send_count > 1;
}

static void transmit(hop_mapping *mapping) {
    mapping->send_count++;
    mapping->sent_us = mapping->now_us;
    mapping->send_us = mapping->now_us + mapping->interval_us;
    mapping->interval_us *= 2;
    if (asks(mapping, HOP_MAP_PCP)) send_pcp(mapping, HOP_MAP_LIFETIME_S);
    if (asks(mapping, HOP_MAP_NATPMP)) {
        hop_mapping_output *address = put(mapping, HOP_MAPPING_OUT_SEND);
        address->size = hop_natpmp_ask_address(address->bytes);
        if (natpmp_may_map(mapping)) send_natpmp_map(mapping, HOP_MAP_LIFETIME_S);
    }
}

static void send_pcp(hop_mapping *mapping, uint32_t lifetime_s) {
    hop_pcp_request request = {.client = mapping->config.client, .lifetime_s = lifetime_s};
    memcpy(request.nonce, mapping->config.nonce, sizeof request.nonce);
    if (lifetime_s > 0) { /* section 15: a deletion suggests nothing */
        request.suggested_port = mapping->config.client.port;
        /* Section 11.2.1: a renewal suggests what it has. */
        if (mapping->phase == HOP_MAPPING_HELD) request.suggested = mapping->external;
        if (mapping->phase == HOP_MAPPING_HELD) request.suggested_port = mapping->external.port;
    }
    hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_SEND);
    output->size = hop_pcp_ask_map(&request, output->bytes);
}

static void send_natpmp_map(hop_mapping *mapping, uint32_t lifetime_s) {
    uint16_t internal = mapping->config.client.port;
    uint16_t wished = mapping->phase == HOP_MAPPING_HELD ? mapping->external.port : internal;
    hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_SEND);
    /* RFC 6886 section 3.4: the port of a deletion is zero. */
    output->size =
        hop_natpmp_ask_map(internal, lifetime_s > 0 ? wished : 0, lifetime_s, output->bytes);
    mapping->natpmp_mapped = true;
}

/* --- answers --- */

/* RFC 6887 section 8.5 for both, with the wider tolerance of RFC 6886 section 3.6: an eighth
 * instead of a sixteenth. False: the router has lost its state, or is not the one it was. */
static bool same_epoch(const hop_mapping *mapping, hop_mapping_epoch *epoch, uint32_t router_s) {
    hop_mapping_epoch before = *epoch;
    *epoch = (hop_mapping_epoch){true, router_s, mapping->now_us};
    if (!before.known) return true;
    int64_t here_s = (mapping->now_us - before.heard_us) / HOP_S;
    int64_t there_s = (int64_t)router_s - (int64_t)before.router_s;
    if (there_s < -1) return false;
    return here_s + 2 >= there_s - there_s / 8 && there_s + 2 >= here_s - here_s / 8;
}

/* The router has forgotten us: once more, but not as often as it may announce it. */
static void renew_now(hop_mapping *mapping) {
    int64_t earliest_us = mapping->sent_us + HOP_MAP_RENEW_GAP_US;
    int64_t next_us = earliest_us > mapping->now_us ? earliest_us : mapping->now_us;
    if (next_us >= mapping->send_us) return;
    mapping->interval_us = HOP_MAP_RESEND_US;
    mapping->send_us = next_us;
}

static void received(hop_mapping *mapping, const uint8_t *bytes, size_t size) {
    hop_pcp pcp;
    hop_natpmp natpmp;
    if (hop_pcp_decode(bytes, size, &pcp))
        received_pcp(mapping, &pcp);
    else if (hop_natpmp_decode(bytes, size, &natpmp))
        received_natpmp(mapping, &natpmp);
}

/* Somebody else's answer, or one that was made up without seeing our request. */
static bool is_ours(const hop_mapping *mapping, const hop_pcp *response) {
    return response->has_map && response->protocol == HOP_PCP_PROTOCOL_TCP &&
           response->internal_port == mapping->config.client.port &&
           memcmp(response->nonce, mapping->config.nonce, HOP_PCP_NONCE_SIZE) == 0;
}

static void received_pcp(hop_mapping *mapping, const hop_pcp *response) {
    const hop_address none = {0};
    if (response->result == HOP_PCP_UNSUPPORTED_VERSION) {
        /* Section 9: it may come without the nonce. We speak no other version: NAT-PMP goes on. */
        if (asks(mapping, HOP_MAP_PCP))
            refuse(mapping, HOP_MAP_PCP, HOP_MAP_TROUBLE_SILENT, &none, response->result);
        return;
    }
    bool map = response->opcode == HOP_PCP_MAP;
    if (map && !is_ours(mapping, response)) return;
    bool same = same_epoch(mapping, &mapping->pcp_epoch, response->epoch_s);
    bool held = mapping->phase == HOP_MAPPING_HELD && mapping->protocol == HOP_MAP_PCP;
    if (!map) {
        if (held && !same) renew_now(mapping);
    } else if (response->result == HOP_PCP_SUCCESS) {
        /* The answer to a deletion of ours has no lifetime, and nobody waits for it. */
        if (response->lifetime_s > 0 || asks(mapping, HOP_MAP_PCP))
            grant(mapping, HOP_MAP_PCP, &response->external, response->lifetime_s);
    } else if (asks(mapping, HOP_MAP_PCP)) {
        refuse(mapping, HOP_MAP_PCP, HOP_MAP_TROUBLE_REFUSED, &none, response->result);
    }
}

static void natpmp_told_address(hop_mapping *mapping, const hop_natpmp *response) {
    bool news = mapping->natpmp_ip.family == HOP_FAMILY_NONE;
    mapping->natpmp_ip = response->external;
    if (!asks(mapping, HOP_MAP_NATPMP) || mapping->phase == HOP_MAPPING_HELD) return;
    hop_map_trouble trouble = judge_ip(&response->external);
    if (trouble != HOP_MAP_TROUBLE_NONE)
        refuse(mapping, HOP_MAP_NATPMP, trouble, &response->external, 0);
    else if (news && natpmp_may_map(mapping))
        send_natpmp_map(mapping, HOP_MAP_LIFETIME_S);
}

static void received_natpmp(hop_mapping *mapping, const hop_natpmp *response) {
    const hop_address none = {0};
    if (response->result == HOP_NATPMP_UNSUPPORTED_VERSION) {
        /* Our NAT-PMP requests have the one version that there is, so it means our PCP. */
        if (mapping->phase == HOP_MAPPING_ASKING && asks(mapping, HOP_MAP_PCP))
            refuse(mapping, HOP_MAP_PCP, HOP_MAP_TROUBLE_SILENT, &none, response->result);
        return;
    }
    bool map = response->operation == HOP_NATPMP_MAP_TCP;
    bool granted = response->result == HOP_NATPMP_SUCCESS;
    if (response->operation == HOP_NATPMP_MAP_UDP) return;
    if (map && granted && response->internal_port != mapping->config.client.port) return;
    bool same = same_epoch(mapping, &mapping->natpmp_epoch, response->epoch_s);
    bool held = mapping->phase == HOP_MAPPING_HELD && mapping->protocol == HOP_MAP_NATPMP;
    if (held && !same && !map) renew_now(mapping);
    if (!granted) {
        bool asked = !map || mapping->natpmp_mapped;
        if (asked && asks(mapping, HOP_MAP_NATPMP))
            refuse(mapping, HOP_MAP_NATPMP, HOP_MAP_TROUBLE_REFUSED, &none, response->result);
    } else if (!map) {
        natpmp_told_address(mapping, response);
    } else if (mapping->natpmp_mapped && response->lifetime_s > 0) {
        hop_address external = mapping->natpmp_ip;
        external.port = response->external_port;
        grant(mapping, HOP_MAP_NATPMP, &external, response->lifetime_s);
    }
}

/* RFC 6887 section 14.1.3, RFC 6886 section 3.2.1: a router that was restarted says so. */
static void announced(hop_mapping *mapping, const uint8_t *bytes, size_t size) {
    hop_pcp pcp;
    hop_natpmp natpmp;
    bool same = true;
    if (mapping->phase != HOP_MAPPING_HELD) return;
    if (mapping->protocol == HOP_MAP_PCP && hop_pcp_decode(bytes, size, &pcp)) {
        hop_mapping_epoch epoch = mapping->pcp_epoch;
        same = same_epoch(mapping, &epoch, pcp.epoch_s);
    } else if (mapping->protocol == HOP_MAP_NATPMP && hop_natpmp_decode(bytes, size, &natpmp)) {
        hop_mapping_epoch epoch = mapping->natpmp_epoch;
        bool moved = natpmp.external.family != HOP_FAMILY_NONE &&
                     !hop_address_same_ip(&natpmp.external, &mapping->natpmp_ip);
        same = same_epoch(mapping, &epoch, natpmp.epoch_s) && !moved;
    }
    if (!same) renew_now(mapping);
}

static void found(hop_mapping *mapping, const uint8_t *bytes, size_t size) {
    if (mapping->phase != HOP_MAPPING_ASKING || mapping->upnp != HOP_MAPPING_WAY_UNKNOWN) return;
    if (!hop_ssdp_location(bytes, size, &mapping->config.router, mapping->location)) return;
    mapping->upnp = HOP_MAPPING_WAY_ASKED;
    hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_UPNP_MAP);
    output->location = mapping->location;
    output->lifetime_s = HOP_MAP_LIFETIME_S;
}

static void upnp_done(hop_mapping *mapping, const hop_mapping_input *input) {
    if (input->trouble == HOP_MAP_TROUBLE_NONE) {
        grant(mapping, HOP_MAP_UPNP, &input->external, input->lifetime_s);
        return;
    }
    bool held = mapping->phase == HOP_MAPPING_HELD && mapping->protocol == HOP_MAP_UPNP;
    bool asked = mapping->phase == HOP_MAPPING_ASKING && mapping->upnp == HOP_MAPPING_WAY_ASKED;
    if (held && input->trouble == HOP_MAP_TROUBLE_SILENT)
        mapping->send_us = mapping->now_us + HOP_MAP_RENEW_MIN_US; /* until its life is over */
    else if (held || asked)
        refuse(mapping, HOP_MAP_UPNP, input->trouble, &input->external, input->code);
}

/* --- granted and refused --- */

static hop_map_trouble judge_ip(const hop_address *external) {
    if (external->family != HOP_FAMILY_IPV4) return HOP_MAP_TROUBLE_UNUSABLE;
    switch (hop_address_scope(external)) {
    case HOP_SCOPE_PUBLIC: return HOP_MAP_TROUBLE_NONE;
    case HOP_SCOPE_PRIVATE: return HOP_MAP_TROUBLE_DOUBLE_NAT;
    default: return HOP_MAP_TROUBLE_UNUSABLE;
    }
}

static hop_map_trouble judge(const hop_address *external, uint32_t lifetime_s) {
    hop_map_trouble trouble = judge_ip(external);
    if (trouble != HOP_MAP_TROUBLE_NONE) return trouble;
    /* Port 0 is none, and a privileged one nobody would dial (core/candidate.c). */
    if (external->port < HOP_PORT_DIALLABLE_MIN) return HOP_MAP_TROUBLE_UNUSABLE;
    return lifetime_s < HOP_MAP_LIFETIME_MIN_S ? HOP_MAP_TROUBLE_UNUSABLE : HOP_MAP_TROUBLE_NONE;
}

/* A router may grant more than was asked for (RFC 6887 section 11.3: and less); ten years of it are
 * renewed and given back like two minutes. */
static void hold(hop_mapping *mapping, hop_map_protocol protocol, const hop_address *external,
                 uint32_t lifetime_s) {
    bool news =
        mapping->phase != HOP_MAPPING_HELD || !hop_address_equal(&mapping->external, external);
    uint32_t life_s = lifetime_s < HOP_MAP_LIFETIME_S ? lifetime_s : HOP_MAP_LIFETIME_S;
    int64_t half_us = (int64_t)life_s * HOP_S / 2;
    mapping->phase = HOP_MAPPING_HELD;
    mapping->told = HOP_MAP_TROUBLE_NONE;
    mapping->protocol = protocol;
    mapping->external = *external;
    mapping->expires_us = mapping->now_us + 2 * half_us;
    mapping->send_count = 0;
    mapping->interval_us = HOP_MAP_RESEND_US;
    mapping->send_us =
        mapping->now_us + (half_us > HOP_MAP_RENEW_MIN_US ? half_us : HOP_MAP_RENEW_MIN_US);
    if (!news) return;
    hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_MAPPED);
    output->protocol = protocol;
    output->external = *external;
    output->lifetime_s = life_s;
}

static void grant(hop_mapping *mapping, hop_map_protocol protocol, const hop_address *external,
                  uint32_t lifetime_s) {
    bool held = mapping->phase == HOP_MAPPING_HELD && mapping->protocol == protocol;
    if (!held && mapping->phase != HOP_MAPPING_ASKING) {
        /* Who rests wants none. Beside the one that is held a second one is left to its short life:
         * some routers keep both as one, and would take that away. */
        if (mapping->phase == HOP_MAPPING_RESTING) give_back(mapping, protocol, external);
        return;
    }
    hop_map_trouble trouble = judge(external, lifetime_s);
    if (trouble == HOP_MAP_TROUBLE_NONE) {
        hold(mapping, protocol, external, lifetime_s);
        return;
    }
    if (lifetime_s > 0) give_back(mapping, protocol, external);
    refuse(mapping, protocol, trouble, external, 0);
}

static void give_back(hop_mapping *mapping, hop_map_protocol protocol,
                      const hop_address *external) {
    switch (protocol) {
    case HOP_MAP_NONE: break;
    case HOP_MAP_PCP: send_pcp(mapping, 0); break;
    case HOP_MAP_NATPMP: send_natpmp_map(mapping, 0); break;
    case HOP_MAP_UPNP: put(mapping, HOP_MAPPING_OUT_UPNP_UNMAP)->external = *external; break;
    }
}

/* The same trouble every five minutes is no news. */
static void rest(hop_mapping *mapping) {
    if (mapping->told != mapping->trouble) {
        hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_UNMAPPED);
        output->protocol = mapping->trouble_protocol;
        output->trouble = mapping->trouble;
        output->external = mapping->trouble_address;
        output->code = mapping->trouble_code;
    }
    mapping->told = mapping->trouble;
    mapping->phase = HOP_MAPPING_RESTING;
    mapping->protocol = HOP_MAP_NONE;
    mapping->rest_us = mapping->now_us + HOP_MAP_REST_US;
}

static void refuse(hop_mapping *mapping, hop_map_protocol protocol, hop_map_trouble trouble,
                   const hop_address *external, int64_t code) {
    bool held = mapping->phase == HOP_MAPPING_HELD;
    if (held || trouble > mapping->trouble) {
        mapping->trouble = trouble;
        mapping->trouble_protocol = protocol;
        mapping->trouble_address = *external;
        mapping->trouble_code = code;
    }
    if (protocol == HOP_MAP_PCP) mapping->pcp = HOP_MAPPING_WAY_SETTLED;
    if (protocol == HOP_MAP_NATPMP) mapping->natpmp = HOP_MAPPING_WAY_SETTLED;
    if (protocol == HOP_MAP_UPNP) mapping->upnp = HOP_MAPPING_WAY_SETTLED;
    /* The outside address is the same by every protocol. */
    if (held || trouble == HOP_MAP_TROUBLE_DOUBLE_NAT) {
        rest(mapping);
        return;
    }
    /* The next protocol need not wait any longer. */
    if (natpmp_may_map(mapping) && !mapping->natpmp_mapped)
        send_natpmp_map(mapping, HOP_MAP_LIFETIME_S);
    bool settled =
        mapping->pcp == HOP_MAPPING_WAY_SETTLED && mapping->natpmp == HOP_MAPPING_WAY_SETTLED;
    if (settled && mapping->search_count == 0) mapping->search_us = mapping->now_us;
}

/* What was asked for and not answered yet may still be granted: routers answer in order. */
static void stop(hop_mapping *mapping) {
    bool asking = mapping->phase == HOP_MAPPING_ASKING;
    if (mapping->phase == HOP_MAPPING_HELD)
        give_back(mapping, mapping->protocol, &mapping->external);
    if (asking && mapping->pcp == HOP_MAPPING_WAY_ASKED) send_pcp(mapping, 0);
    if (asking && mapping->natpmp == HOP_MAPPING_WAY_ASKED && mapping->natpmp_mapped)
        send_natpmp_map(mapping, 0);
    mapping->phase = HOP_MAPPING_OVER;
}

/* --- time --- */

static void search(hop_mapping *mapping) {
    mapping->search_us = mapping->now_us + HOP_MAP_SEARCH_US;
    if (mapping->search_count++ < HOP_MAP_SEARCHES_MAX)
        put(mapping, HOP_MAPPING_OUT_SEARCH);
    else
        mapping->upnp = HOP_MAPPING_WAY_SETTLED;
}

static void tick_asking(hop_mapping *mapping) {
    bool direct = asks(mapping, HOP_MAP_PCP) || asks(mapping, HOP_MAP_NATPMP);
    if (direct && mapping->send_us <= mapping->now_us) {
        if (mapping->send_count < HOP_MAP_SENDS_MAX) {
            transmit(mapping);
        } else {
            mapping->pcp = HOP_MAPPING_WAY_SETTLED;
            mapping->natpmp = HOP_MAPPING_WAY_SETTLED;
            direct = false;
        }
    }
    if (mapping->upnp == HOP_MAPPING_WAY_UNKNOWN && mapping->search_us <= mapping->now_us)
        search(mapping);
    if (direct || mapping->upnp != HOP_MAPPING_WAY_SETTLED) return;
    if (mapping->trouble == HOP_MAP_TROUBLE_NONE) {
        mapping->trouble = HOP_MAP_TROUBLE_SILENT;
        mapping->trouble_protocol = HOP_MAP_NONE;
        mapping->trouble_code = 0;
        memset(&mapping->trouble_address, 0, sizeof mapping->trouble_address);
    }
    rest(mapping);
}

/* Section 11.2.1: renewed at half of the life; then again and again, with growing pauses, up to the
 * end of it. After that the router may be another one: everything is asked anew. */
static void tick_held(hop_mapping *mapping) {
    if (mapping->expires_us <= mapping->now_us) {
        hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_UNMAPPED);
        output->protocol = mapping->protocol;
        output->trouble = HOP_MAP_TROUBLE_LOST;
        output->external = mapping->external;
        ask(mapping);
        transmit(mapping);
        return;
    }
    if (mapping->send_us > mapping->now_us) return;
    if (mapping->protocol != HOP_MAP_UPNP) {
        transmit(mapping);
        return;
    }
    hop_mapping_output *output = put(mapping, HOP_MAPPING_OUT_UPNP_MAP);
    output->location = mapping->location;
    output->external = mapping->external;
    output->lifetime_s = HOP_MAP_LIFETIME_S;
    mapping->send_us = INT64_MAX; /* the driver answers, or the life ends */
}

static void tick(hop_mapping *mapping) {
    if (mapping->phase == HOP_MAPPING_RESTING && mapping->rest_us <= mapping->now_us) ask(mapping);
    if (mapping->phase == HOP_MAPPING_ASKING) tick_asking(mapping);
    if (mapping->phase == HOP_MAPPING_HELD) tick_held(mapping);
}

int64_t hop_mapping_deadline(const hop_mapping *mapping) {
    switch (mapping->phase) {
    case HOP_MAPPING_IDLE:
    case HOP_MAPPING_OVER: break;
    case HOP_MAPPING_RESTING: return mapping->rest_us;
    case HOP_MAPPING_HELD:
        return mapping->send_us < mapping->expires_us ? mapping->send_us : mapping->expires_us;
    case HOP_MAPPING_ASKING: {
        bool direct = asks(mapping, HOP_MAP_PCP) || asks(mapping, HOP_MAP_NATPMP);
        int64_t send_us = direct ? mapping->send_us : INT64_MAX;
        bool searching = mapping->upnp == HOP_MAPPING_WAY_UNKNOWN;
        return searching && mapping->search_us < send_us ? mapping->search_us : send_us;
    }
    }
    return INT64_MAX;
}
