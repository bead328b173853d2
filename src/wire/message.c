/* SPDX-License-Identifier: MIT */
/*
 * Our messages in STUN's clothes. Two tables say it all: which fields a kind of message has, and
 * which attribute carries a field. Clocks, replays and limits are the rendezvous' affair.
 */
#include "wire/message.h"

#include <string.h>

#define SIGNATURE_ATTRIBUTE_SIZE (4 + HOP_SIGNATURE_SIZE)

enum field {
    FIELD_ROOM = 1 << 0,
    FIELD_TIME = 1 << 1,
    FIELD_SEALED = 1 << 2,
    FIELD_NONCES = 1 << 3,
    FIELD_ROLE = 1 << 4,
    FIELD_DELAY = 1 << 5,
    FIELD_RTT = 1 << 6,
    FIELD_MAPPED = 1 << 7,
    FIELD_MAPPED_PLAIN = 1 << 8, /* MAPPED-ADDRESS, all that an old server says */
    FIELD_PEER = 1 << 9,
    FIELD_OTHER = 1 << 10,
    FIELD_ERROR = 1 << 11,
    FIELD_CHANGE = 1 << 12,
    FIELD_SIGNATURE = 1 << 13, /* the highest: fields are written in this order, this one last */
    FIELD_END = 1 << 14
};

typedef struct kind_shape {
    uint8_t kind;   /* hop_message_kind */
    uint8_t class_; /* hop_stun_class */
    uint16_t method;
    uint16_t required;
    uint16_t optional;
} kind_shape;

static const kind_shape shapes[] = {
    {HOP_MESSAGE_BINDING, HOP_STUN_REQUEST, HOP_STUN_BINDING, 0, FIELD_CHANGE},
    {HOP_MESSAGE_BINDING_ANSWER, HOP_STUN_SUCCESS, HOP_STUN_BINDING, FIELD_MAPPED,
     FIELD_MAPPED_PLAIN | FIELD_OTHER},
    {HOP_MESSAGE_BINDING_INDICATION, HOP_STUN_INDICATION, HOP_STUN_BINDING, 0, 0},
    {HOP_MESSAGE_REGISTER, HOP_STUN_REQUEST, HOP_STUN_REGISTER,
     FIELD_ROOM | FIELD_TIME | FIELD_SEALED | FIELD_NONCES | FIELD_SIGNATURE, 0},
    {HOP_MESSAGE_REGISTER_ANSWER, HOP_STUN_SUCCESS, HOP_STUN_REGISTER, FIELD_MAPPED, FIELD_OTHER},
    {HOP_MESSAGE_REFRESH, HOP_STUN_INDICATION, HOP_STUN_REGISTER, 0, FIELD_NONCES | FIELD_SEALED},
    {HOP_MESSAGE_KNOCK, HOP_STUN_REQUEST, HOP_STUN_KNOCK,
     FIELD_ROOM | FIELD_TIME | FIELD_SEALED | FIELD_SIGNATURE, 0},
    {HOP_MESSAGE_KNOCK_ANSWER, HOP_STUN_SUCCESS, HOP_STUN_KNOCK, FIELD_MAPPED, FIELD_OTHER},
    {HOP_MESSAGE_START, HOP_STUN_INDICATION, HOP_STUN_START,
     FIELD_ROLE | FIELD_DELAY | FIELD_RTT | FIELD_PEER | FIELD_SEALED | FIELD_NONCES, 0},
    {HOP_MESSAGE_TELL, HOP_STUN_INDICATION, HOP_STUN_TELL, FIELD_SEALED | FIELD_NONCES, 0},
    {HOP_MESSAGE_RELAY, HOP_STUN_REQUEST, HOP_STUN_RELAY,
     FIELD_ROOM | FIELD_TIME | FIELD_NONCES | FIELD_ROLE | FIELD_SIGNATURE, 0},
    {HOP_MESSAGE_RELAY_ANSWER, HOP_STUN_SUCCESS, HOP_STUN_RELAY, FIELD_MAPPED, 0},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_ERROR, HOP_STUN_BINDING, FIELD_ERROR, FIELD_TIME},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_ERROR, HOP_STUN_REGISTER, FIELD_ERROR, FIELD_TIME},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_ERROR, HOP_STUN_KNOCK, FIELD_ERROR, FIELD_TIME},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_ERROR, HOP_STUN_RELAY, FIELD_ERROR, FIELD_TIME},
};

typedef struct attribute_rule {
    uint16_t type;
    uint16_t field; /* 0: understood, and nothing to us */
    uint16_t size_min;
    uint16_t size_max;
} attribute_rule;

static const attribute_rule rules[] = {
    {HOP_STUN_ROOM, FIELD_ROOM, HOP_KEY_SIZE, HOP_KEY_SIZE},
    {HOP_STUN_TIME, FIELD_TIME, 8, 8},
    {HOP_STUN_DESCRIPTION, FIELD_SEALED, 1, HOP_DESCRIPTION_SEALED_SIZE_MAX},
    {HOP_STUN_NONCES, FIELD_NONCES, HOP_NONCE_SIZE, HOP_MESSAGE_NONCES_MAX *HOP_NONCE_SIZE},
    {HOP_STUN_ROLE, FIELD_ROLE, 4, 4},
    {HOP_STUN_DELAY, FIELD_DELAY, 4, 4},
    {HOP_STUN_RTT, FIELD_RTT, 4, 4},
    {HOP_STUN_XOR_MAPPED_ADDRESS, FIELD_MAPPED, 8, 20},
    {HOP_STUN_MAPPED_ADDRESS, FIELD_MAPPED_PLAIN, 8, 20},
    {HOP_STUN_XOR_PEER_ADDRESS, FIELD_PEER, 8, 20},
    {HOP_STUN_OTHER_ADDRESS, FIELD_OTHER, 8, 20},
    {HOP_STUN_ERROR_CODE, FIELD_ERROR, 4, UINT16_MAX},
    {HOP_STUN_CHANGE_REQUEST, FIELD_CHANGE, 4, 4},
    {HOP_STUN_SIGNATURE, FIELD_SIGNATURE, HOP_SIGNATURE_SIZE, HOP_SIGNATURE_SIZE},
    /* What a client with credentials or an ICE agent adds; we ask for neither. */
    {HOP_STUN_USERNAME, 0, 0, UINT16_MAX},
    {HOP_STUN_MESSAGE_INTEGRITY, 0, 0, UINT16_MAX},
    {HOP_STUN_MESSAGE_INTEGRITY_SHA256, 0, 0, UINT16_MAX},
    {HOP_STUN_USERHASH, 0, 0, UINT16_MAX},
    {HOP_STUN_REALM, 0, 0, UINT16_MAX},
    {HOP_STUN_NONCE, 0, 0, UINT16_MAX},
    {HOP_STUN_PRIORITY, 0, 0, UINT16_MAX},
    {HOP_STUN_USE_CANDIDATE, 0, 0, UINT16_MAX},
    {HOP_STUN_UNKNOWN_ATTRIBUTES, 0, 0, UINT16_MAX},
};

static const kind_shape *shape_of_kind(const hop_message *message);
static const kind_shape *shape_of_type(const hop_stun *stun);
static const attribute_rule *rule_of(uint16_t type);
static bool write_field(hop_writer *writer, unsigned field, const hop_message *message);
static bool write_sealed(hop_writer *writer, const hop_message *message);
static bool write_nonces(hop_writer *writer, const hop_message *message);
static void write_error(hop_writer *writer, const hop_message *message);
static bool write_signature(hop_writer *writer, const hop_crypto *crypto, const uint8_t *seed);
static bool is_absent(unsigned field, const hop_message *message);
static bool is_role(hop_role role);
static hop_message_result read_fields(hop_stun *stun, const kind_shape *shape,
                                      hop_message *message);
static hop_message_result read_attribute(const hop_stun *stun, const hop_stun_attribute *attribute,
                                         const kind_shape *shape, unsigned *seen,
                                         hop_message *message);
static bool read_field(const hop_stun *stun, unsigned field, hop_reader value,
                       hop_message *message);
static bool read_nonces(hop_reader value, hop_message *message);
static bool read_error(hop_reader value, hop_message *message);

size_t hop_message_encode(const hop_message *message, const hop_crypto *crypto,
                          const uint8_t *room_seed, uint8_t bytes[static HOP_STUN_SIZE_MAX]) {
    const kind_shape *shape = shape_of_kind(message);
    if (shape == NULL) return 0;
    hop_writer writer = hop_writer_make(bytes, HOP_STUN_SIZE_MAX);
    hop_stun_begin(&writer, (hop_stun_class)shape->class_, shape->method, message->transaction);
    for (unsigned field = 1; field < FIELD_SIGNATURE; field <<= 1) {
        bool wanted = (shape->required & field) != 0 ||
                      ((shape->optional & field) != 0 && !is_absent(field, message));
        if (wanted && !write_field(&writer, field, message)) return 0;
    }
    if ((shape->required & FIELD_SIGNATURE) != 0 && !write_signature(&writer, crypto, room_seed))
        return 0;
    hop_stun_end(&writer);
    return writer.failed ? 0 : writer.at;
}

hop_message_result hop_message_decode(const uint8_t *bytes, size_t size, hop_message *ret_message) {
    hop_stun stun;
    hop_message message;
    if (!hop_stun_decode(bytes, size, &stun)) return HOP_MESSAGE_MALFORMED;
    memset(&message, 0, sizeof(message));
    message.method = stun.method;
    message.is_request = stun.class_ == HOP_STUN_REQUEST;
    memcpy(message.transaction, stun.transaction, HOP_STUN_TRANSACTION_SIZE);

    const kind_shape *shape = shape_of_type(&stun);
    hop_message_result result = HOP_MESSAGE_UNKNOWN_METHOD;
    if (shape != NULL) result = read_fields(&stun, shape, &message);
    if (result == HOP_MESSAGE_OK) {
        message.kind = (hop_message_kind)shape->kind;
        *ret_message = message;
    } else if (result != HOP_MESSAGE_MALFORMED) {
        ret_message->method = message.method;
        ret_message->is_request = message.is_request;
        memcpy(ret_message->transaction, message.transaction, HOP_STUN_TRANSACTION_SIZE);
    }
    return result;
}

bool hop_message_verify(const hop_message *message, const uint8_t *bytes,
                        const hop_crypto *crypto) {
    bool is_signed = message->kind == HOP_MESSAGE_REGISTER || message->kind == HOP_MESSAGE_KNOCK ||
                     message->kind == HOP_MESSAGE_RELAY;
    if (!is_signed) return false;
    if (message->signed_size < HOP_STUN_HEADER_SIZE) return false;
    return crypto->verify(crypto->context, message->room, bytes, message->signed_size,
                          message->signature);
}

static const kind_shape *shape_of_kind(const hop_message *message) {
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].kind == message->kind &&
            (message->kind != HOP_MESSAGE_REFUSAL || shapes[i].method == message->method))
            return &shapes[i];
    return NULL;
}

static const kind_shape *shape_of_type(const hop_stun *stun) {
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].class_ == stun->class_ && shapes[i].method == stun->method) return &shapes[i];
    return NULL;
}

static const attribute_rule *rule_of(uint16_t type) {
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].type == type) return &rules[i];
    return NULL;
}

static bool write_field(hop_writer *writer, unsigned field, const hop_message *message) {
    switch (field) {
    case FIELD_ROOM: hop_stun_put_bytes(writer, HOP_STUN_ROOM, message->room, HOP_KEY_SIZE); break;
    case FIELD_TIME: hop_stun_put_u64(writer, HOP_STUN_TIME, message->time_ms); break;
    case FIELD_SEALED: return write_sealed(writer, message);
    case FIELD_NONCES: return write_nonces(writer, message);
    case FIELD_ROLE:
        if (!is_role(message->role)) return false;
        hop_stun_put_u32(writer, HOP_STUN_ROLE, (uint32_t)message->role);
        break;
    case FIELD_DELAY: hop_stun_put_u32(writer, HOP_STUN_DELAY, message->delay_us); break;
    case FIELD_RTT: hop_stun_put_u32(writer, HOP_STUN_RTT, message->rtt_us); break;
    case FIELD_MAPPED:
        hop_stun_put_xor_address(writer, HOP_STUN_XOR_MAPPED_ADDRESS, &message->mapped);
        break;
    case FIELD_PEER:
        hop_stun_put_xor_address(writer, HOP_STUN_XOR_PEER_ADDRESS, &message->peer);
        break;
    case FIELD_OTHER: hop_stun_put_address(writer, HOP_STUN_OTHER_ADDRESS, &message->other); break;
    case FIELD_ERROR: write_error(writer, message); break;
    default: return false;
    }
    return true;
}

static bool write_sealed(hop_writer *writer, const hop_message *message) {
    if (message->sealed_size == 0 || message->sealed_size > sizeof(message->sealed)) return false;
    hop_stun_put_bytes(writer, HOP_STUN_DESCRIPTION, message->sealed, message->sealed_size);
    return true;
}

/* Start, tell and relay are of one attempt, so they carry the one nonce that it uses up. */
static bool has_one_nonce(unsigned kind) {
    return kind == HOP_MESSAGE_START || kind == HOP_MESSAGE_TELL || kind == HOP_MESSAGE_RELAY;
}

static bool write_nonces(hop_writer *writer, const hop_message *message) {
    unsigned max = has_one_nonce(message->kind) ? 1 : HOP_MESSAGE_NONCES_MAX;
    if (message->nonce_count < 1 || message->nonce_count > max) return false;
    hop_stun_put_bytes(writer, HOP_STUN_NONCES, message->nonces,
                       (size_t)message->nonce_count * HOP_NONCE_SIZE);
    return true;
}

static void write_error(hop_writer *writer, const hop_message *message) {
    size_t size = 0;
    while (size < sizeof(message->reason) && message->reason[size] != 0)
        size++;
    hop_stun_put_error(writer, message->error_code, message->reason, size);
}

/* The length must count the signature before the signature is made: it is among what is signed. */
static bool write_signature(hop_writer *writer, const hop_crypto *crypto, const uint8_t *seed) {
    uint8_t signature[HOP_SIGNATURE_SIZE];
    if (seed == NULL || writer->failed) return false;
    size_t signed_size = writer->at;
    size_t length = signed_size + SIGNATURE_ATTRIBUTE_SIZE - HOP_STUN_HEADER_SIZE;
    hop_write_u16_at(writer, 2, (uint16_t)length);
    if (!crypto->sign(crypto->context, seed, writer->bytes, signed_size, signature)) return false;
    hop_stun_put_bytes(writer, HOP_STUN_SIGNATURE, signature, sizeof(signature));
    return true;
}

static bool is_absent(unsigned field, const hop_message *message) {
    if (field == FIELD_TIME) return message->time_ms == 0;
    if (field == FIELD_SEALED) return message->sealed_size == 0;
    if (field == FIELD_NONCES) return message->nonce_count == 0;
    if (field == FIELD_OTHER) return message->other.family == HOP_FAMILY_NONE;
    return true; /* what only others send */
}

static bool is_role(hop_role role) {
    return role == HOP_ROLE_CONTROLLING || role == HOP_ROLE_CONTROLLED;
}

static hop_message_result read_fields(hop_stun *stun, const kind_shape *shape,
                                      hop_message *message) {
    hop_message_result worst = HOP_MESSAGE_OK;
    hop_stun_attribute attribute;
    unsigned seen = 0;
    while (hop_stun_next(stun, &attribute)) {
        hop_message_result result = read_attribute(stun, &attribute, shape, &seen, message);
        if (result == HOP_MESSAGE_MALFORMED) return result;
        if (result != HOP_MESSAGE_OK) worst = result;
    }
    if (stun->attributes.failed) return HOP_MESSAGE_MALFORMED;
    if (worst != HOP_MESSAGE_OK) return worst;
    if ((seen & FIELD_MAPPED_PLAIN) != 0) seen |= FIELD_MAPPED;
    return (shape->required & ~seen) == 0 ? HOP_MESSAGE_OK : HOP_MESSAGE_MALFORMED;
}

static hop_message_result read_attribute(const hop_stun *stun, const hop_stun_attribute *attribute,
                                         const kind_shape *shape, unsigned *seen,
                                         hop_message *message) {
    const attribute_rule *rule = rule_of(attribute->type);
    if (rule == NULL) /* RFC 8489 section 14: the upper half may be skipped */
        return attribute->type >= 0x8000 ? HOP_MESSAGE_OK : HOP_MESSAGE_UNKNOWN_ATTRIBUTE;
    /* Known but not expected here: ignored (RFC 8489 section 6.3). */
    if (((shape->required | shape->optional) & rule->field) == 0) return HOP_MESSAGE_OK;

    size_t size = attribute->value.size;
    if (size < rule->size_min || size > rule->size_max) return HOP_MESSAGE_MALFORMED;
    if ((*seen & rule->field) != 0) return HOP_MESSAGE_MALFORMED;
    /* RFC 5780 section 7.2: to answer from another address is possible on UDP alone. */
    if (rule->field == FIELD_CHANGE) {
        hop_reader value = attribute->value;
        if (hop_read_u32(&value) != 0) return HOP_MESSAGE_UNKNOWN_ATTRIBUTE;
    }
    if (rule->field == FIELD_SIGNATURE) {
        /* It vouches for what stands before it, so nothing may stand behind it. */
        if (hop_reader_left(&stun->attributes) > 0) return HOP_MESSAGE_MALFORMED;
        message->signed_size = HOP_STUN_HEADER_SIZE + attribute->at;
    }
    /* XOR-MAPPED-ADDRESS is the truer of the two: NATs rewrite the plain one. */
    bool known_better = rule->field == FIELD_MAPPED_PLAIN && (*seen & FIELD_MAPPED) != 0;
    *seen |= rule->field;
    if (known_better) return HOP_MESSAGE_OK;
    if (rule->field == FIELD_NONCES && has_one_nonce(shape->kind) && size != HOP_NONCE_SIZE)
        return HOP_MESSAGE_MALFORMED;
    return read_field(stun, rule->field, attribute->value, message) ? HOP_MESSAGE_OK
                                                                    : HOP_MESSAGE_MALFORMED;
}

static bool read_field(const hop_stun *stun, unsigned field, hop_reader value,
                       hop_message *message) {
    switch (field) {
    case FIELD_ROOM: hop_read_bytes(&value, message->room, HOP_KEY_SIZE); break;
    case FIELD_TIME: message->time_ms = hop_read_u64(&value); break;
    case FIELD_SEALED:
        message->sealed_size = value.size;
        hop_read_bytes(&value, message->sealed, value.size);
        break;
    case FIELD_NONCES: return read_nonces(value, message);
    case FIELD_ROLE: message->role = (hop_role)hop_read_u32(&value); return is_role(message->role);
    case FIELD_DELAY: message->delay_us = hop_read_u32(&value); break;
    case FIELD_RTT: message->rtt_us = hop_read_u32(&value); break;
    case FIELD_MAPPED: return hop_stun_read_xor_address(stun, value, &message->mapped);
    case FIELD_MAPPED_PLAIN: return hop_stun_read_address(value, &message->mapped);
    case FIELD_PEER: return hop_stun_read_xor_address(stun, value, &message->peer);
    case FIELD_OTHER: return hop_stun_read_address(value, &message->other);
    case FIELD_ERROR: return read_error(value, message);
    case FIELD_SIGNATURE: hop_read_bytes(&value, message->signature, HOP_SIGNATURE_SIZE); break;
    default: break;
    }
    return true;
}

static bool read_nonces(hop_reader value, hop_message *message) {
    if (value.size % HOP_NONCE_SIZE != 0) return false;
    message->nonce_count = (unsigned)(value.size / HOP_NONCE_SIZE);
    hop_read_bytes(&value, message->nonces, value.size);
    return !value.failed;
}

/* The reason is meant for a human's terminal, so nothing that steers a terminal comes through. */
static bool read_error(hop_reader value, hop_message *message) {
    const uint8_t *reason;
    size_t size;
    if (!hop_stun_read_error(value, &message->error_code, &reason, &size)) return false;
    if (size > sizeof(message->reason) - 1) size = sizeof(message->reason) - 1;
    for (size_t i = 0; i < size; i++)
        message->reason[i] = reason[i] >= ' ' && reason[i] <= '~' ? (char)reason[i] : '?';
    message->reason[size] = 0;
    return true;
}
