/* SPDX-License-Identifier: MIT */
/*
 * The mapping of our one TCP port on the router, as a state machine of the core's shape: told what
 * happened (step), it says what to do (next) and until when there is nothing to do (deadline). It
 * speaks PCP (RFC 6887) and NAT-PMP (RFC 6886) itself and orders UPnP's calls from the driver,
 * takes the first that grants, renews it at half of its life and deletes it in the end. It believes
 * no router more than it must: what is not plainly usable is given back. No sockets, no clock;
 * whether the mapping agrees with what a server sees is meet.c's.
 */
#ifndef HOP_CORE_MAPPING_H
#define HOP_CORE_MAPPING_H

#include "core/note.h"
#include "wire/natpmp.h"
#include "wire/pcp.h"
#include "wire/ssdp.h"

typedef struct hop_mapping_config {
    hop_address client; /* our address towards the router, with the port to be mapped */
    hop_address router; /* port not used */
    uint8_t nonce[HOP_PCP_NONCE_SIZE]; /* unpredictable: it is what protects a PCP mapping */
    bool use_upnp;
} hop_mapping_config;

typedef enum hop_mapping_input_kind {
    HOP_MAPPING_IN_TIMER,
    HOP_MAPPING_IN_START,     /* first of all */
    HOP_MAPPING_IN_RECEIVED,  /* bytes, size: from the router's PCP port */
    HOP_MAPPING_IN_ANNOUNCED, /* bytes, size: from there too, but to all: anybody may have said it,
                                 so it only makes us ask */
    HOP_MAPPING_IN_FOUND,     /* bytes, size: from the router, answers the search */
    HOP_MAPPING_IN_UPNP,      /* trouble, external, lifetime_s: answers UPNP_MAP */
    HOP_MAPPING_IN_STOP       /* gives it back; nothing but time passes afterwards */
} hop_mapping_input_kind;

typedef struct hop_mapping_input {
    hop_mapping_input_kind kind;
    const uint8_t *bytes;
    size_t size;
    hop_map_trouble trouble; /* NONE: granted */
    hop_address external;
    uint32_t lifetime_s;
    int64_t code; /* the router's error, for the note; 0: none */
} hop_mapping_input;

typedef enum hop_mapping_output_kind {
    HOP_MAPPING_OUT_SEND,       /* bytes, size: to the router's PCP port */
    HOP_MAPPING_OUT_SEARCH,     /* multicast hop_ssdp_search() */
    HOP_MAPPING_OUT_UPNP_MAP,   /* location, external (port 0: any), lifetime_s; answered by IN_UPNP
                                 */
    HOP_MAPPING_OUT_UPNP_UNMAP, /* external: delete it; no answer */
    HOP_MAPPING_OUT_MAPPED,     /* protocol, external, lifetime_s: new, or another than before */
    HOP_MAPPING_OUT_UNMAPPED    /* protocol, trouble, external, code: there is none (any more) */
} hop_mapping_output_kind;

typedef struct hop_mapping_output {
    hop_mapping_output_kind kind;
    uint8_t bytes[HOP_PCP_MAP_SIZE];
    size_t size;
    const char *location; /* as long as the mapping lives */
    hop_map_protocol protocol;
    hop_map_trouble trouble;
    hop_address external;
    uint32_t lifetime_s;
    int64_t code;
} hop_mapping_output;

#define HOP_MAPPING_OUTPUTS_MAX 12 /* of one step; asserted in the tests */

typedef enum hop_mapping_phase {
    HOP_MAPPING_IDLE,
    HOP_MAPPING_ASKING,
    HOP_MAPPING_HELD,
    HOP_MAPPING_RESTING, /* there is none; asks again after a while */
    HOP_MAPPING_OVER
} hop_mapping_phase;

typedef enum hop_mapping_way {
    HOP_MAPPING_WAY_UNKNOWN,
    HOP_MAPPING_WAY_ASKED,
    HOP_MAPPING_WAY_SETTLED /* granted, refused, or nobody there */
} hop_mapping_way;

/* What a router's own clock tells: whether it has forgotten its mappings since. */
typedef struct hop_mapping_epoch {
    bool known;
    uint32_t router_s;
    int64_t heard_us;
} hop_mapping_epoch;

typedef struct hop_mapping {
    hop_mapping_config config;
    hop_mapping_phase phase;
    int64_t now_us;
    hop_mapping_way pcp;
    hop_mapping_way natpmp;
    hop_mapping_way upnp;
    bool natpmp_mapped;    /* a NAT-PMP mapping was asked for */
    hop_address natpmp_ip; /* the router's outside address, as NAT-PMP tells it */
    int64_t sent_us;       /* last transmission */
    int64_t send_us;       /* next transmission: of the first asking, or of a renewal */
    int64_t interval_us;   /* until the one after it */
    unsigned send_count;   /* of this asking */
    int64_t search_us;     /* next search for a UPnP router */
    unsigned search_count;
    char location[HOP_SSDP_LOCATION_SIZE]; /* of the UPnP router's description */
    hop_map_protocol protocol;             /* HELD: by which */
    hop_address external;                  /* HELD, or what is wished for again */
    int64_t expires_us;
    hop_map_trouble told;    /* the last that was told; NONE: a mapping was */
    hop_map_trouble trouble; /* ASKING: the most telling so far */
    hop_map_protocol trouble_protocol;
    hop_address trouble_address;
    int64_t trouble_code;
    int64_t rest_us; /* RESTING: until then */
    hop_mapping_epoch pcp_epoch;
    hop_mapping_epoch natpmp_epoch;
    hop_mapping_output outputs[HOP_MAPPING_OUTPUTS_MAX];
    unsigned output_count;
    unsigned output_taken;
} hop_mapping;

void hop_mapping_init(hop_mapping *mapping, const hop_mapping_config *config);
/* After every step drain next() until it returns false. now_us never goes back. */
void hop_mapping_step(hop_mapping *mapping, int64_t now_us, const hop_mapping_input *input);
bool hop_mapping_next(hop_mapping *mapping, hop_mapping_output *ret_output);
/* When to step with TIMER at the latest; INT64_MAX: never. */
int64_t hop_mapping_deadline(const hop_mapping *mapping);

#endif
