/* SPDX-License-Identifier: MIT */
/*
 * What must come of a world, by somebody who knows all of it: for each attempt whether a path
 * exists for the strategies that we have, and whether the reason given for a failure is the true
 * one. It looks at the spec and at the result, never at a core.
 */
#ifndef HOP_TESTS_SWARM_ORACLE_H
#define HOP_TESTS_SWARM_ORACLE_H

#include "world/world.h"

typedef enum oracle_path {
    ORACLE_IMPOSSIBLE, /* no packet of one can ever reach the other */
    ORACLE_UNSURE,     /* by luck, or by strategies that we do not have */
    ORACLE_CERTAIN     /* must be found */
} oracle_path;

/* Between two hosts, whatever else happens in the world. */
oracle_path oracle_path_between(const spec *plan, unsigned one, unsigned other);
/* Nothing is changed in mid-run that could keep two peers apart. */
bool oracle_is_calm(const spec *plan);
/* False: ret_wrong (128 bytes) says what is not as it must be. */
bool oracle_judge(const spec *plan, const world_result *result, char *ret_wrong);

#endif
