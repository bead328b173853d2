/* SPDX-License-Identifier: MIT */
/*
 * Makes a failing world small: takes things away, and makes values plain, as long as it still
 * fails. What is left is what matters.
 */
#ifndef HOP_TESTS_SWARM_SHRINK_H
#define HOP_TESTS_SWARM_SHRINK_H

#include "world/spec.h"

/* Does this world still fail in the same way? */
typedef bool shrink_test(void *context, const spec *plan);

/* Runs the test a bounded number of times; returns how often it was made smaller. */
unsigned shrink(spec *plan, shrink_test *test, void *context);

#endif
