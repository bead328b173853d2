/* SPDX-License-Identifier: MIT */
/* Configurations, inputs and digests of outputs as bytes; see tape.h. */
#include "core/tape.h"

#include <string.h>

#include "base/text.h"

/* Beyond them a recording is forged; within them the core's sums of times do not overflow. */
#define TIME_MAX_US    ((int64_t)1 << 56)
#define TIMEOUT_MAX_US ((int64_t)400 * 24 * 3600 * HOP_S)
#define AWAITS         0x80u /* in the count of GO's hosts: await_mapping */
#define DIGESTED_MAX   2624  /* an output with its bytes or its report */

enum {
    FLAG_BARE = 1u << 0,
    FLAG_IPV4 = 1u << 1,
    FLAG_IPV6 = 1u << 2,
    FLAG_LAN = 1u << 3,
    FLAG_PRIVATE = 1u << 4,
    FLAG_LOOPBACK = 1u << 5,
    FLAG_NO_SECRET = 1u << 6,
    FLAG_PROBE = 1u << 7,
    FLAG_RELAY = 1u << 8,
    FLAG_RELAY_ONLY = 1u << 9,
    FLAG_ONE_INTERFACE = 1u << 10,
    FLAGS_KNOWN = (1u << 11) - 1
};

static void write_time(hop_writer *writer, int64_t us);
static int64_t read_time(hop_reader *reader);
static void write_text(hop_writer *writer, const char *text, size_t room);
static void read_text(hop_reader *reader, char *text, size_t room);
static unsigned flags_of(const hop_core_config *core);
static void set_flags(hop_core_config *core, unsigned flags);
static void write_description(hop_writer *writer, const hop_description *description, bool masked);
static void read_description(hop_reader *reader, hop_tape_input *input);
static void write_hosts(hop_writer *writer, const hop_input *input);
static void read_hosts(hop_reader *reader, hop_tape_input *input);
static void read_mapping(hop_reader *reader, hop_input *input);
static void read_resolved(hop_reader *reader, hop_tape_input *input);
static void read_received(hop_reader *reader, hop_tape_input *input);
static int read_link(hop_reader *reader);
static hop_reason read_reason(hop_reader *reader);
static void write_nat(hop_writer *writer, const hop_nat *nat);
static void digest_note(hop_writer *writer, const hop_note *note);
static void digest_report(hop_writer *writer, const hop_report *report);

/* --- the configuration --- */

void hop_tape_write_config(hop_writer *writer, const hop_tape_config *config) {
    const hop_core_config *core = &config->core;
    write_text(writer, config->program, sizeof config->program);
    write_time(writer, config->zero_us);
    hop_write_u8(writer, (uint8_t)core->mode);
    hop_write_u16(writer, (uint16_t)flags_of(core));
    hop_write_u64(writer, core->seed);
    write_time(writer, core->unix_offset_us);
    write_time(writer, core->timeout_us);
    hop_write_u8(writer, (uint8_t)core->ticket.server_count);
    for (unsigned i = 0; i < core->ticket.server_count; i++) {
        write_text(writer, core->ticket.servers[i].host, sizeof core->ticket.servers[i].host);
        hop_write_u16(writer, core->ticket.servers[i].port);
    }
}

bool hop_tape_read_config(hop_reader *reader, hop_tape_config *ret_config) {
    hop_tape_config config;
    memset(&config, 0, sizeof config);
    hop_core_config *core = &config.core;
    read_text(reader, config.program, sizeof config.program);
    config.zero_us = read_time(reader);
    unsigned mode = hop_read_u8(reader);
    unsigned flags = hop_read_u16(reader);
    core->seed = hop_read_u64(reader);
    core->unix_offset_us = read_time(reader);
    core->timeout_us = read_time(reader);
    core->ticket.server_count = hop_read_u8(reader);
    if (mode > HOP_CORE_MANUAL || (flags & ~(unsigned)FLAGS_KNOWN) != 0) return false;
    if (core->ticket.server_count > HOP_TICKET_SERVERS_MAX) return false;
    if (core->timeout_us < 0 || core->timeout_us > TIMEOUT_MAX_US) return false;
    core->mode = (hop_core_mode)mode;
    set_flags(core, flags);
    if (core->bare && core->mode != HOP_CORE_MANUAL) return false;
    for (unsigned i = 0; i < core->ticket.server_count; i++) {
        read_text(reader, core->ticket.servers[i].host, sizeof core->ticket.servers[i].host);
        core->ticket.servers[i].port = hop_read_u16(reader);
    }
    if (!hop_reader_done(reader)) return false;
    *ret_config = config;
    return true;
}

bool hop_tape_is_masked(const hop_core_config *config) {
    return config->mode == HOP_CORE_MANUAL && !config->bare;
}

void hop_tape_mask(uint8_t nonce[static HOP_NONCE_SIZE]) {
    memset(nonce + HOP_NONCE_SIZE / 2, 0, HOP_NONCE_SIZE - HOP_NONCE_SIZE / 2);
}

/* --- inputs --- */

void hop_tape_write_input(hop_writer *writer, int64_t now_us, const hop_input *input, bool masked) {
    write_time(writer, now_us);
    hop_write_u8(writer, (uint8_t)input->kind);
    switch (input->kind) {
    case HOP_IN_TIMER:
    case HOP_IN_CANCEL: break;
    case HOP_IN_GO: write_hosts(writer, input); break;
    case HOP_IN_RESOLVED:
        hop_write_u8(writer, (uint8_t)input->server);
        hop_write_u8(writer, (uint8_t)input->reason);
        hop_write_u8(writer, (uint8_t)input->address_count);
        for (unsigned i = 0; i < input->address_count; i++)
            hop_recording_write_address(writer, &input->addresses[i]);
        break;
    case HOP_IN_CONNECTED:
        hop_write_u16(writer, (uint16_t)input->link);
        hop_recording_write_address(writer, &input->local);
        hop_write_u32(writer, input->rtt_us);
        break;
    case HOP_IN_ACCEPTED:
        hop_recording_write_address(writer, &input->remote);
        hop_recording_write_address(writer, &input->local);
        break;
    case HOP_IN_RECEIVED:
        hop_write_u16(writer, (uint16_t)input->link);
        hop_write_u16(writer, (uint16_t)input->size);
        hop_write_bytes(writer, input->bytes, input->size);
        break;
    case HOP_IN_ENDED:
        hop_write_u16(writer, (uint16_t)input->link);
        hop_write_u8(writer, (uint8_t)input->reason);
        break;
    case HOP_IN_ANSWERING: hop_write_u16(writer, (uint16_t)input->link); break;
    case HOP_IN_PEER: write_description(writer, input->description, masked); break;
    case HOP_IN_MAPPED:
    case HOP_IN_UNMAPPED:
        hop_recording_write_address(writer, &input->remote);
        hop_write_u8(writer, (uint8_t)input->protocol);
        hop_write_u8(writer, (uint8_t)input->trouble);
        hop_write_u32(writer, input->lifetime_s);
        write_time(writer, input->code);
        break;
    case HOP_IN_NETWORK:
        hop_write_u8(writer, (uint8_t)input->changes);
        write_time(writer, input->slept_us);
        write_hosts(writer, input);
        break;
    }
}

bool hop_tape_read_input(hop_reader *reader, hop_tape_input *ret_input) {
    hop_tape_input *tape = ret_input;
    memset(tape, 0, sizeof *tape);
    hop_input *input = &tape->input;
    tape->now_us = read_time(reader);
    unsigned kind = hop_read_u8(reader);
    if (kind > HOP_IN_NETWORK || tape->now_us < 0) return false;
    input->kind = (hop_input_kind)kind;
    switch (input->kind) {
    case HOP_IN_TIMER:
    case HOP_IN_CANCEL: break;
    case HOP_IN_GO: read_hosts(reader, tape); break;
    case HOP_IN_NETWORK:
        input->changes = hop_read_u8(reader);
        input->slept_us = read_time(reader);
        if (input->changes > HOP_NETWORK_CHANGES || input->slept_us < 0) return false;
        read_hosts(reader, tape);
        break;
    case HOP_IN_RESOLVED: read_resolved(reader, tape); break;
    case HOP_IN_CONNECTED:
        input->link = read_link(reader);
        input->local = hop_recording_read_address(reader);
        input->rtt_us = hop_read_u32(reader);
        break;
    case HOP_IN_ACCEPTED:
        input->remote = hop_recording_read_address(reader);
        input->local = hop_recording_read_address(reader);
        break;
    case HOP_IN_RECEIVED: read_received(reader, tape); break;
    case HOP_IN_ENDED:
        input->link = read_link(reader);
        input->reason = read_reason(reader);
        break;
    case HOP_IN_ANSWERING: input->link = read_link(reader); break;
    case HOP_IN_PEER: read_description(reader, tape); break;
    case HOP_IN_MAPPED:
    case HOP_IN_UNMAPPED: read_mapping(reader, input); break;
    }
    return hop_reader_done(reader);
}

static void write_hosts(hop_writer *writer, const hop_input *input) {
    hop_write_u8(writer, (uint8_t)(input->host_count | (input->await_mapping ? AWAITS : 0u)));
    for (unsigned i = 0; i < input->host_count; i++)
        hop_recording_write_candidate(writer, &input->hosts[i]);
}

static void read_hosts(hop_reader *reader, hop_tape_input *tape) {
    unsigned count = hop_read_u8(reader);
    bool await = (count & AWAITS) != 0;
    count &= ~AWAITS;
    if (count > HOP_TAPE_ADDRESSES) reader->failed = true;
    for (unsigned i = 0; i < count && !reader->failed; i++)
        tape->hosts[i] = hop_recording_read_candidate(reader);
    tape->input.hosts = tape->hosts;
    tape->input.host_count = count;
    tape->input.await_mapping = await;
}

static void read_mapping(hop_reader *reader, hop_input *input) {
    input->remote = hop_recording_read_address(reader);
    unsigned protocol = hop_read_u8(reader);
    unsigned trouble = hop_read_u8(reader);
    if (protocol > HOP_MAP_UPNP || trouble > HOP_MAP_TROUBLE_DOUBLE_NAT) reader->failed = true;
    input->protocol = (hop_map_protocol)protocol;
    input->trouble = (hop_map_trouble)trouble;
    input->lifetime_s = hop_read_u32(reader);
    input->code = read_time(reader);
}

static void read_resolved(hop_reader *reader, hop_tape_input *tape) {
    tape->input.server = hop_read_u8(reader);
    tape->input.reason = read_reason(reader);
    unsigned count = hop_read_u8(reader);
    if (count > HOP_SERVER_ADDRESSES_MAX) reader->failed = true;
    for (unsigned i = 0; i < count && !reader->failed; i++)
        tape->addresses[i] = hop_recording_read_address(reader);
    tape->input.addresses = tape->addresses;
    tape->input.address_count = count;
}

static void read_received(hop_reader *reader, hop_tape_input *tape) {
    tape->input.link = read_link(reader);
    tape->input.size = hop_read_u16(reader);
    tape->input.bytes = hop_read_span(reader, tape->input.size);
}

static int read_link(hop_reader *reader) {
    int link = hop_read_u16(reader);
    if (link >= HOP_LINKS_MAX) reader->failed = true;
    return link;
}

static hop_reason read_reason(hop_reader *reader) {
    unsigned reason = hop_read_u8(reader);
    if (reason > HOP_REASON_NETWORK) reader->failed = true;
    return (hop_reason)reason;
}

static void write_description(hop_writer *writer, const hop_description *description, bool masked) {
    uint8_t nonce[HOP_NONCE_SIZE];
    memcpy(nonce, description->nonce, sizeof nonce);
    if (masked) hop_tape_mask(nonce);
    hop_write_bytes(writer, nonce, sizeof nonce);
    write_nat(writer, &description->nat);
    hop_write_u8(writer, (uint8_t)description->candidate_count);
    for (unsigned i = 0; i < description->candidate_count; i++)
        hop_recording_write_candidate(writer, &description->candidates[i]);
}

static void read_description(hop_reader *reader, hop_tape_input *tape) {
    hop_description *description = &tape->description;
    hop_read_bytes(reader, description->nonce, HOP_NONCE_SIZE);
    description->nat.mapping = hop_read_u8(reader);
    description->nat.preserving = hop_read_u8(reader) != 0;
    description->nat.delta = (int16_t)hop_read_u16(reader);
    description->nat.port_low = hop_read_u16(reader);
    description->nat.port_high = hop_read_u16(reader);
    if (description->nat.mapping > HOP_NAT_RANDOM) reader->failed = true;
    description->candidate_count = hop_read_u8(reader);
    if (description->candidate_count > HOP_CANDIDATES_MAX) reader->failed = true;
    for (unsigned i = 0; i < description->candidate_count && !reader->failed; i++)
        description->candidates[i] = hop_recording_read_candidate(reader);
    tape->input.description = description;
}

/* --- digests of outputs: all that is public of them --- */

uint32_t hop_tape_digest(uint32_t digest, const hop_output *output) {
    uint8_t bytes[DIGESTED_MAX];
    hop_writer writer = hop_writer_make(bytes, sizeof bytes);
    hop_write_u32(&writer, digest);
    hop_write_u8(&writer, (uint8_t)output->kind);
    hop_write_u32(&writer, (uint32_t)output->link);
    hop_write_u32(&writer, (uint32_t)output->attempt);
    hop_write_u8(&writer, (uint8_t)output->server);
    hop_write_u32(&writer, (uint32_t)output->ttl);
    hop_write_u8(&writer, output->any_port);
    /* Older files have neither. */
    if (output->from_port != 0) hop_write_u16(&writer, output->from_port);
    if (output->gently) hop_write_u8(&writer, output->gently);
    hop_recording_write_address(&writer, &output->address);
    hop_write_u32(&writer, (uint32_t)output->size);
    if (output->bytes != NULL) hop_write_bytes(&writer, output->bytes, output->size);
    hop_recording_write_candidate(&writer, &output->candidate);
    hop_write_u8(&writer, (uint8_t)output->route);
    hop_write_u32(&writer, (uint32_t)output->error);
    hop_write_u8(&writer, (uint8_t)output->reason);
    hop_write_u32(&writer, output->code);
    /* As older files have it. */
    if (output->relay_reason != 0) hop_write_u8(&writer, (uint8_t)output->relay_reason);
    hop_write_u8(&writer, output->controlling);
    write_time(&writer, output->tcp_us);
    write_time(&writer, output->attempt_us);
    write_time(&writer, output->rtt_us);
    write_time(&writer, output->knock_us);
    if (output->kind == HOP_OUT_NOTE) digest_note(&writer, &output->note);
    if (output->report != NULL) digest_report(&writer, output->report);
    return hop_text_crc32(bytes, writer.at);
}

static void digest_note(hop_writer *writer, const hop_note *note) {
    hop_write_u8(writer, (uint8_t)note->kind);
    hop_write_u32(writer, (uint32_t)note->attempt);
    hop_write_u32(writer, (uint32_t)note->link);
    hop_recording_write_address(writer, &note->address);
    hop_write_u8(writer, note->type);
    hop_write_u8(writer, (uint8_t)note->reason);
    hop_write_u8(writer, (uint8_t)note->skip);
    write_time(writer, note->number);
    write_time(writer, note->extra);
    if (note->kind < HOP_NOTE_MAPPED) return; /* as older files have it */
    hop_write_u8(writer, (uint8_t)note->protocol);
    hop_write_u8(writer, (uint8_t)note->trouble);
}

static void write_nat(hop_writer *writer, const hop_nat *nat) {
    hop_write_u8(writer, nat->mapping);
    hop_write_u8(writer, nat->preserving);
    hop_write_u16(writer, (uint16_t)nat->delta);
    hop_write_u16(writer, nat->port_low);
    hop_write_u16(writer, nat->port_high);
}

static void digest_report(hop_writer *writer, const hop_report *report) {
    write_time(writer, report->lasted_us);
    hop_write_u32(writer, report->accepted_count);
    hop_write_u32(writer, report->stranger_count);
    hop_write_u8(writer, report->authenticated);
    write_nat(writer, &report->own);
    write_nat(writer, &report->peer);
    hop_write_u32(writer, report->tried);
    hop_write_u32(writer, report->rounds);
    hop_write_u32(writer, report->shot_count);
    hop_write_u8(writer, report->same_nat);
    hop_write_u8(writer, (uint8_t)report->map_trouble);
    if (report->relay != HOP_RELAYED_OFF) {
        hop_write_u8(writer, (uint8_t)report->relay);
        hop_write_u32(writer, report->relay_code);
        hop_write_u8(writer, (uint8_t)report->relay_reason);
    }
    for (unsigned i = 0; i < report->pair_count; i++) {
        const hop_report_pair *pair = &report->pairs[i];
        hop_recording_write_candidate(writer, &pair->remote);
        hop_write_u8(writer, (uint8_t)pair->skip);
        hop_write_u32(writer, pair->dial_count);
        hop_write_u32(writer, pair->refused_count);
        hop_write_u32(writer, pair->silent_count);
        hop_write_u8(writer, pair->connected);
        hop_write_u8(writer, (uint8_t)pair->last);
    }
}

/* --- small things --- */

static void write_time(hop_writer *writer, int64_t us) {
    hop_write_u64(writer, (uint64_t)us);
}

static int64_t read_time(hop_reader *reader) {
    int64_t us = (int64_t)hop_read_u64(reader);
    if (us > TIME_MAX_US || us < -TIME_MAX_US) reader->failed = true;
    return reader->failed ? 0 : us;
}

static void write_text(hop_writer *writer, const char *text, size_t room) {
    size_t size = 0;
    while (size + 1 < room && size < UINT8_MAX && text[size] != 0)
        size++;
    hop_write_u8(writer, (uint8_t)size);
    hop_write_bytes(writer, text, size);
}

static void read_text(hop_reader *reader, char *text, size_t room) {
    size_t size = hop_read_u8(reader);
    if (size >= room) reader->failed = true;
    if (!reader->failed) hop_read_bytes(reader, text, size);
}

static unsigned flags_of(const hop_core_config *core) {
    return (core->bare ? FLAG_BARE : 0u) | (core->use_ipv4 ? FLAG_IPV4 : 0u) |
           (core->use_ipv6 ? FLAG_IPV6 : 0u) | (core->use_lan ? FLAG_LAN : 0u) |
           (core->allow_private ? FLAG_PRIVATE : 0u) | (core->allow_loopback ? FLAG_LOOPBACK : 0u) |
           (core->no_secret ? FLAG_NO_SECRET : 0u) | (core->probe ? FLAG_PROBE : 0u) |
           (core->relay == HOP_CORE_RELAY_AUTO ? FLAG_RELAY : 0u) |
           (core->relay == HOP_CORE_RELAY_ONLY ? FLAG_RELAY_ONLY : 0u) |
           (core->one_interface ? FLAG_ONE_INTERFACE : 0u);
}

static void set_flags(hop_core_config *core, unsigned flags) {
    core->bare = (flags & FLAG_BARE) != 0;
    core->use_ipv4 = (flags & FLAG_IPV4) != 0;
    core->use_ipv6 = (flags & FLAG_IPV6) != 0;
    core->use_lan = (flags & FLAG_LAN) != 0;
    core->allow_private = (flags & FLAG_PRIVATE) != 0;
    core->allow_loopback = (flags & FLAG_LOOPBACK) != 0;
    core->no_secret = (flags & FLAG_NO_SECRET) != 0;
    core->probe = (flags & FLAG_PROBE) != 0;
    core->one_interface = (flags & FLAG_ONE_INTERFACE) != 0;
    core->relay = (flags & FLAG_RELAY_ONLY) != 0 ? HOP_CORE_RELAY_ONLY
                  : (flags & FLAG_RELAY) != 0    ? HOP_CORE_RELAY_AUTO
                                                 : HOP_CORE_RELAY_NEVER;
}
