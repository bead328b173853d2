/* SPDX-License-Identifier: MIT */
/*
 * The real crypto table, by OpenSSL 3. The only folder that includes OpenSSL.
 */
#ifndef HOP_SECURE_SECURE_H
#define HOP_SECURE_SECURE_H

#include "base/crypto.h"

/* A table that lives as long as the program; needs no set-up, safe from any thread. */
const hop_crypto *hop_secure_crypto(void);

#endif
