/* SPDX-License-Identifier: MIT */
/*
 * The real crypto table against published vectors (RFC 8032, the GCM specification) and against
 * independent ways to the same result (one-shot HMAC, HKDF by its definition).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "bytes.h"
#include "secure/secure.h"

static void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t out[HOP_MAC_SIZE]) {
    unsigned written = 0;
    assert_non_null(HMAC(EVP_sha256(), key, (int)key_size, bytes, size, out, &written));
    assert_int_equal(written, HOP_MAC_SIZE);
}

/* RFC 5869 section 2: extract, then one block of expand. */
static void hkdf_by_definition(const void *secret, size_t secret_size, const void *salt,
                               size_t salt_size, const void *info, size_t info_size,
                               uint8_t out[HOP_KEY_SIZE]) {
    uint8_t extracted[HOP_MAC_SIZE], block[128];
    assert_true(info_size < sizeof(block));
    hmac_sha256(salt, salt_size, secret, secret_size, extracted);
    memcpy(block, info, info_size);
    block[info_size] = 1;
    hmac_sha256(extracted, sizeof(extracted), block, info_size + 1, out);
}

/* The reference itself is held to RFC 5869 A.1 and A.3, whose secrets are not of our size. */
static void the_reference_knows_rfc5869(void **state) {
    (void)state;
    uint8_t secret[22], salt[13], info[10], expected[32], out[32];
    static const uint8_t zeros[32];
    memset(secret, 0x0b, sizeof(secret));
    bytes_from_hex("000102030405060708090a0b0c", salt, sizeof(salt));
    bytes_from_hex("f0f1f2f3f4f5f6f7f8f9", info, sizeof(info));
    hkdf_by_definition(secret, sizeof(secret), salt, sizeof(salt), info, sizeof(info), out);
    bytes_from_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf", expected,
                   sizeof(expected));
    assert_memory_equal(out, expected, sizeof(out));
    hkdf_by_definition(secret, sizeof(secret), zeros, sizeof(zeros), "", 0, out);
    bytes_from_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d", expected,
                   sizeof(expected));
    assert_memory_equal(out, expected, sizeof(out));
}

static void derives_as_rfc5869_defines(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    static const uint8_t zeros[32];
    static const char *const labels[] = {"hopconn room", "hopconn seal", "hopconn link", "x"};
    hop_random random = hop_random_seeded(9);
    for (unsigned round = 0; round < 400; round++) {
        uint8_t secret[HOP_KEY_SIZE], salt[64], expected[HOP_KEY_SIZE], out[HOP_KEY_SIZE];
        const char *label = labels[round % 4];
        size_t salt_size = (size_t)hop_random_between(&random, 0, sizeof(salt));
        for (size_t i = 0; i < sizeof(secret); i++)
            secret[i] = (uint8_t)hop_random_next(&random);
        for (size_t i = 0; i < salt_size; i++)
            salt[i] = (uint8_t)hop_random_next(&random);
        hkdf_by_definition(secret, sizeof(secret), salt_size > 0 ? salt : zeros,
                           salt_size > 0 ? salt_size : sizeof(zeros), label, strlen(label),
                           expected);
        assert_true(crypto->derive(crypto->context, secret, salt_size > 0 ? salt : NULL, salt_size,
                                   label, out));
        assert_memory_equal(out, expected, sizeof(out));
    }
}

static void macs_as_rfc2104_defines(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t key[HOP_KEY_SIZE] = {0}, out[HOP_MAC_SIZE], expected[HOP_MAC_SIZE];
    /* RFC 4231 section 4.2: its key of 20 bytes, filled up with zeros, is the same HMAC key. */
    memset(key, 0x0b, 20);
    assert_true(crypto->mac(crypto->context, key, (const uint8_t *)"Hi There", 8, out));
    bytes_from_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", expected,
                   sizeof(expected));
    assert_memory_equal(out, expected, sizeof(out));
    memset(key, 0, sizeof(key));
    memcpy(key, "Jefe", 4); /* section 4.3 */
    assert_true(crypto->mac(crypto->context, key, (const uint8_t *)"what do ya want for nothing?",
                            28, out));
    bytes_from_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", expected,
                   sizeof(expected));
    assert_memory_equal(out, expected, sizeof(out));
    hop_random random = hop_random_seeded(10);
    for (unsigned round = 0; round < 300; round++) {
        uint8_t bytes[200];
        size_t size = (size_t)hop_random_between(&random, 0, sizeof(bytes));
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)hop_random_next(&random);
        key[round % sizeof(key)] ^= (uint8_t)hop_random_next(&random);
        hmac_sha256(key, sizeof(key), bytes, size, expected);
        assert_true(crypto->mac(crypto->context, key, bytes, size, out));
        assert_memory_equal(out, expected, sizeof(out));
    }
}

/* The specification of GCM (McGrew, Viega), test cases 13 to 16: AES-256, nonce of 96 bits. */
static const struct {
    const char *key, *nonce, *ad, *plain, *sealed;
} gcm_vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void seals_as_the_gcm_vectors(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    for (size_t i = 0; i < sizeof(gcm_vectors) / sizeof(gcm_vectors[0]); i++) {
        uint8_t key[32], nonce[12], ad[32], plain[64], sealed[80], out[80], back[64];
        bytes_from_hex(gcm_vectors[i].key, key, sizeof(key));
        bytes_from_hex(gcm_vectors[i].nonce, nonce, sizeof(nonce));
        size_t ad_size = bytes_from_hex(gcm_vectors[i].ad, ad, sizeof(ad));
        size_t size = bytes_from_hex(gcm_vectors[i].plain, plain, sizeof(plain));
        size_t sealed_size = bytes_from_hex(gcm_vectors[i].sealed, sealed, sizeof(sealed));
        assert_int_equal(sealed_size, size + HOP_SEAL_TAG_SIZE);
        assert_true(crypto->seal(crypto->context, key, nonce, ad, ad_size, plain, size, out));
        assert_memory_equal(out, sealed, sealed_size);
        assert_true(
            crypto->open(crypto->context, key, nonce, ad, ad_size, sealed, sealed_size, back));
        assert_memory_equal(back, plain, size);
    }
}

static void opens_nothing_that_was_touched(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t key[32] = {1}, nonce[12] = {2}, ad[3] = {3, 4, 5}, plain[9] = "abcdefgh", out[25];
    uint8_t back[9];
    static const uint8_t zeros[9];
    assert_true(crypto->seal(NULL, key, nonce, ad, sizeof(ad), plain, sizeof(plain), out));
    for (size_t bit = 0; bit < 8 * sizeof(out); bit++) {
        memset(back, 0x55, sizeof(back));
        out[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(crypto->open(NULL, key, nonce, ad, sizeof(ad), out, sizeof(out), back));
        assert_memory_equal(back, zeros, sizeof(back));
        out[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_false(crypto->open(NULL, key, nonce, ad, sizeof(ad) - 1, out, sizeof(out), back));
    for (size_t size = 0; size < sizeof(out); size++)
        assert_false(crypto->open(NULL, key, nonce, ad, sizeof(ad), out, size, back));
    key[31] ^= 1;
    assert_false(crypto->open(NULL, key, nonce, ad, sizeof(ad), out, sizeof(out), back));
    key[31] ^= 1;
    nonce[0] ^= 1;
    assert_false(crypto->open(NULL, key, nonce, ad, sizeof(ad), out, sizeof(out), back));
    nonce[0] ^= 1;
    assert_true(crypto->open(NULL, key, nonce, ad, sizeof(ad), out, sizeof(out), back));
    assert_int_equal(ERR_peek_error(), 0);
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
    const char *seed, *public_key, *bytes, *signature;
} ed25519_vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void signs_as_rfc8032(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    for (size_t i = 0; i < sizeof(ed25519_vectors) / sizeof(ed25519_vectors[0]); i++) {
        uint8_t seed[32], public_key[32], bytes[4], signature[64], out[64];
        bytes_from_hex(ed25519_vectors[i].seed, seed, sizeof(seed));
        bytes_from_hex(ed25519_vectors[i].public_key, public_key, sizeof(public_key));
        bytes_from_hex(ed25519_vectors[i].signature, signature, sizeof(signature));
        size_t size = bytes_from_hex(ed25519_vectors[i].bytes, bytes, sizeof(bytes));
        assert_true(crypto->public_key(NULL, seed, out));
        assert_memory_equal(out, public_key, sizeof(public_key));
        assert_true(crypto->sign(NULL, seed, bytes, size, out));
        assert_memory_equal(out, signature, sizeof(signature));
        assert_true(crypto->verify(NULL, public_key, bytes, size, signature));
        bytes[size] = 0;
        assert_false(crypto->verify(NULL, public_key, bytes, size + 1, signature));
        for (size_t bit = 0; bit < 8 * sizeof(signature); bit += 7) {
            signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(crypto->verify(NULL, public_key, bytes, size, signature));
            signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        public_key[0] ^= 1;
        assert_false(crypto->verify(NULL, public_key, bytes, size, signature));
    }
    assert_int_equal(ERR_peek_error(), 0);
}

/* A public key that is no point of the curve, and garbage of all kinds: false, no crash. */
static void verifies_no_garbage(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    hop_random random = hop_random_seeded(11);
    for (unsigned round = 0; round < 500; round++) {
        uint8_t public_key[32], signature[64];
        for (size_t i = 0; i < sizeof(public_key); i++)
            public_key[i] = round == 0 ? 0xFF : (uint8_t)hop_random_next(&random);
        for (size_t i = 0; i < sizeof(signature); i++)
            signature[i] = round == 0 ? 0xFF : (uint8_t)hop_random_next(&random);
        assert_false(crypto->verify(NULL, public_key, signature, 5, signature));
    }
}

static void random_bytes_differ(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t seen[64][16];
    for (size_t i = 0; i < 64; i++) {
        assert_true(crypto->random(crypto->context, seen[i], sizeof(seen[i])));
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(seen[i], seen[k], sizeof(seen[i]));
    }
    assert_true(crypto->random(crypto->context, seen[0], 0));
}

/* The program's own errors stay, ours do not. */
static void leaves_the_error_queue_alone(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t bytes[64], out[64];
    memset(bytes, 0xFF, sizeof(bytes));
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 77);
    assert_false(crypto->open(NULL, bytes, bytes, NULL, 0, bytes, 40, out));
    assert_false(crypto->verify(NULL, bytes, bytes, 3, bytes));
    assert_true(crypto->mac(NULL, bytes, bytes, 3, out));
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 77);
    assert_int_equal(ERR_get_error(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_knows_rfc5869),
        cmocka_unit_test(derives_as_rfc5869_defines),
        cmocka_unit_test(macs_as_rfc2104_defines),
        cmocka_unit_test(seals_as_the_gcm_vectors),
        cmocka_unit_test(opens_nothing_that_was_touched),
        cmocka_unit_test(signs_as_rfc8032),
        cmocka_unit_test(verifies_no_garbage),
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(leaves_the_error_queue_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
