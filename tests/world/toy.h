/* SPDX-License-Identifier: MIT */
/* Cryptography that keeps nothing secret, for plays of which there are many: everything is made of
 * one quick hash. What the real table does is tested elsewhere. */
#ifndef HOP_TESTS_WORLD_TOY_H
#define HOP_TESTS_WORLD_TOY_H

#include "base/crypto.h"

/* All of the table but random() and its context. */
void toy_crypto(hop_crypto *crypto);

#endif
