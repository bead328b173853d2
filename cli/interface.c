/* SPDX-License-Identifier: MIT */
/* The list is the system's, at this moment; the library looks once more when it needs the one. */
#include "cli/interface.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include "cli/suggest.h"

#define TEXT_SIZE 768 /* beyond it the list is cut: who has so many knows how to list them */

static const char *find_nearest(const struct if_nameindex *first, const char *name);

const char *interface_wrong(const char *name) {
    static char text[TEXT_SIZE];
    if (if_nametoindex(name) != 0 || errno != ENODEV) return NULL;
    struct if_nameindex *first = if_nameindex();
    if (first == NULL || first->if_name == NULL) {
        if (first != NULL) if_freenameindex(first);
        return "there is no such interface, nor any other";
    }
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "there is no such interface; did you mean "
                                   "'%s'? There are:",
                                   find_nearest(first, name));
    for (const struct if_nameindex *it = first; it->if_name != NULL && used < sizeof text; it++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", it == first ? "" : ",",
                                 it->if_name);
    if_freenameindex(first);
    return text;
}

static const char *find_nearest(const struct if_nameindex *first, const char *name) {
    const char *nearest = first->if_name;
    int least = suggest_distance(name, nearest);
    for (const struct if_nameindex *it = first; it->if_name != NULL; it++) {
        int distance = suggest_distance(name, it->if_name);
        if (distance >= least) continue;
        least = distance;
        nearest = it->if_name;
    }
    return nearest;
}
