/* SPDX-License-Identifier: MIT */
/*
 * What the reader and the printer of worlds share: the words of kinds, traits, roles and paths. A
 * new trait is a line in the table of spec_traits.c, a new kind one in that of spec_kinds.c. Nobody
 * else includes this.
 */
#ifndef HOP_TESTS_WORLD_SPEC_INSIDE_H
#define HOP_TESTS_WORLD_SPEC_INSIDE_H

#include "spec.h"

/* A kind of site. `carrier` is a home behind a carrier: two NATs. */
typedef struct spec_kind {
    const char *name;
    unsigned nat_count;
    const char *nats[SPEC_NATS_MAX]; /* names of kinds, where it is made of others */
    spec_nat nat;
} spec_kind;

const spec_kind *spec_kind_find(const char *name); /* NULL: none */
/* All kinds' names with commas between; what fits. */
void spec_kind_list(char *text, size_t size);

/* How a trait's value is written. */
typedef enum spec_form { SPEC_FORM_WORD, SPEC_FORM_NUMBER, SPEC_FORM_MS } spec_form;

typedef struct spec_trait {
    const char *name;
    size_t at; /* of the field in spec_nat: unsigned, bool or int64_t by `size` */
    size_t size;
    spec_form form;
    const char *words[7]; /* the word's place is its value */
    bool user_only;       /* the kernel's NATs can't be otherwise */
    bool translators;     /* nothing for a firewall */
} spec_trait;

extern const spec_trait spec_traits[];
/* "key=value" onto a NAT. False: ret_wrong says why. */
bool spec_trait_read(spec_nat *nat, const char *key, const char *value,
                     char ret_wrong[static SPEC_WRONG_SIZE]);
/* "key=value" where the two differ in it; 0: they don't. */
size_t spec_trait_print(const spec_trait *trait, const spec_nat *nat, const spec_nat *usual,
                        char *text, size_t size);

extern const char *const spec_v6_words[];    /* by spec_v6, NULL at the end */
extern const char *const spec_role_words[];  /* by spec_role, NULL at the end */
extern const char *const spec_relay_words[]; /* by spec_relay, NULL at the end */

/* Changes that are only words, and whom they are about. */
typedef enum spec_subject { SPEC_OF_SERVER, SPEC_OF_HOST, SPEC_OF_NAT } spec_subject;
typedef struct spec_deed {
    spec_change_kind kind;
    spec_subject subject;
    const char *before; /* the name of the host or site */
    const char *after;
} spec_deed;
extern const spec_deed spec_deeds[]; /* before NULL at the end */

/* What a host's network does: the words behind its name, then a site or milliseconds. */
typedef struct spec_roaming {
    spec_change_kind kind;
    const char *words;
} spec_roaming;
extern const spec_roaming spec_roamings[]; /* words NULL at the end */

/* A number with up to `digits` of a fraction, times 10^digits. */
bool spec_number_read(const char *text, unsigned digits, int64_t *ret_value);
size_t spec_number_print(int64_t value, unsigned digits, char text[static 32]);
/* As snprintf behind what is there: grows *length, never writes past size. */
#ifdef __GNUC__
__attribute__((format(printf, 4, 5)))
#endif
void spec_append(char *text, size_t size, size_t *length, const char *format, ...);
/* The words with ", " between. */
void spec_list(const char *const *words, char *text, size_t size);
/* Its place in words, -1: none. */
int spec_word(const char *const *words, const char *word);
/* A site as in a world's text; so_far (NULL: none) has the sites whose carrier may be shared. */
bool spec_site_read(const char *text, const spec *so_far, spec_site *ret_site,
                    char ret_wrong[static SPEC_WRONG_SIZE]);
int spec_find_site(const spec *world, const char *name); /* -1: none */

/* Cuts the next piece off *rest at a separator, without white space at its ends; NULL: none. */
char *spec_cut(char **rest, char separator);
/* One item of a path, "delay 25", onto it; `before` is for "as before". */
bool spec_path_read(spec_path *path, const spec_path *before, char *item,
                    char ret_wrong[static SPEC_WRONG_SIZE]);
/* "at TIME: ..." without the "at". */
bool spec_change_read(char *line, const spec *world, spec_change *ret_change,
                      char ret_wrong[static SPEC_WRONG_SIZE]);
/* "a-b" or "a>b". */
bool spec_pair_read(const spec *world, char *text, unsigned *ret_place, unsigned *ret_other,
                    bool *ret_one_way, char ret_wrong[static SPEC_WRONG_SIZE]);
bool spec_path_equal(const spec_path *a, const spec_path *b);

#endif
