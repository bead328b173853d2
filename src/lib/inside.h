/* SPDX-License-Identifier: MIT */
/*
 * The public header and the driver's together. hop_description is a function to the user and a type
 * of the wire inside the house; where both are seen, the type is called hop_wire_description.
 */
#ifndef HOP_LIB_INSIDE_H
#define HOP_LIB_INSIDE_H

#define hop_description hop_wire_description
#include "drive/driver.h"
#undef hop_description

#include <hopconn/hopconn.h>

#endif
