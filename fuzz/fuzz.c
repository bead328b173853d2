/* SPDX-License-Identifier: MIT */
/* Weak cryptography, and addresses out of bytes; see fuzz.h. */
#include "fuzz.h"

#include <string.h>

#include "world/toy.h"

static bool weak_random(void *context, uint8_t *out, size_t size) {
    hop_random *random = context;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)hop_random_next(random);
    return true;
}

static bool weak_mac(void *context, const uint8_t *key, const uint8_t *bytes, size_t size,
                     uint8_t *out) {
    (void)context, (void)key, (void)bytes, (void)size;
    memset(out, 0, HOP_MAC_SIZE);
    return true;
}

static bool weak_seal(void *context, const uint8_t *key, const uint8_t *nonce, const uint8_t *ad,
                      size_t ad_size, const uint8_t *plain, size_t size, uint8_t *out) {
    (void)context, (void)key, (void)nonce, (void)ad, (void)ad_size;
    memcpy(out, plain, size);
    memset(out + size, 0, HOP_SEAL_TAG_SIZE);
    return true;
}

static bool weak_open(void *context, const uint8_t *key, const uint8_t *nonce, const uint8_t *ad,
                      size_t ad_size, const uint8_t *sealed, size_t sealed_size, uint8_t *out) {
    static const uint8_t zeros[HOP_SEAL_TAG_SIZE];
    (void)context, (void)key, (void)nonce, (void)ad, (void)ad_size;
    if (sealed_size < HOP_SEAL_TAG_SIZE) return false;
    size_t size = sealed_size - HOP_SEAL_TAG_SIZE;
    if (memcmp(sealed + size, zeros, HOP_SEAL_TAG_SIZE) != 0) return false;
    memcpy(out, sealed, size);
    return true;
}

/* A replay is known by its signature, so each message needs another: the second half counts,
 * the first is as good as any. */
static bool weak_sign(void *context, const uint8_t *seed, const uint8_t *bytes, size_t size,
                      uint8_t *out) {
    hop_crypto toy = {0};
    (void)context;
    toy_crypto(&toy);
    if (!toy.mac(NULL, seed, bytes, size, out)) return false;
    memset(out + HOP_SIGNATURE_SIZE / 2, 0, HOP_SIGNATURE_SIZE / 2);
    return true;
}

static bool weak_verify(void *context, const uint8_t *key, const uint8_t *bytes, size_t size,
                        const uint8_t *signature) {
    static const uint8_t zeros[HOP_SIGNATURE_SIZE / 2];
    (void)context, (void)key, (void)bytes, (void)size;
    return memcmp(signature + HOP_SIGNATURE_SIZE / 2, zeros, sizeof zeros) == 0;
}

void fuzz_weak_crypto(hop_crypto *crypto, hop_random *random) {
    toy_crypto(crypto); /* derive() and public_key() are a hash already */
    crypto->context = random;
    crypto->random = weak_random;
    crypto->mac = weak_mac;
    crypto->seal = weak_seal;
    crypto->open = weak_open;
    crypto->sign = weak_sign;
    crypto->verify = weak_verify;
}

hop_address fuzz_address(hop_reader *program) {
    static const hop_address known[] = {
        {HOP_FAMILY_IPV4, {198, 51, 100, 1}, 3478},   {HOP_FAMILY_IPV4, {203, 0, 113, 20}, 41000},
        {HOP_FAMILY_IPV4, {203, 0, 113, 10}, 50000},  {HOP_FAMILY_IPV4, {192, 168, 1, 20}, 41000},
        {HOP_FAMILY_IPV4, {192, 168, 1, 10}, 40000},  {HOP_FAMILY_IPV4, {127, 0, 0, 1}, 40000},
        {HOP_FAMILY_IPV6, {0x20, 1, 13, 0xB8}, 41000}};
    unsigned form = hop_read_u8(program);
    hop_address address = {0};
    if (form >= 4) return known[form % (sizeof known / sizeof known[0])];
    address.family = form % 2 == 0 ? HOP_FAMILY_IPV4 : HOP_FAMILY_IPV6;
    hop_read_bytes(program, address.ip, form % 2 == 0 ? 4 : 16);
    address.port = hop_read_u16(program);
    return address;
}

void fuzz_write_address(hop_writer *program, const hop_address *address) {
    bool ipv6 = address->family == HOP_FAMILY_IPV6;
    hop_write_u8(program, ipv6);
    hop_write_bytes(program, address->ip, ipv6 ? 16 : 4);
    hop_write_u16(program, address->port);
}
