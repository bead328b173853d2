/* SPDX-License-Identifier: MIT */
/*
 * A diff says all that differs: applied to the one text it gives the other. And it shows no more
 * than three lines around a change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "diff.h"

#define TEXT_SIZE 4096

static void diff_of(const char *one, const char *other, char *ret_text) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);
    assert_non_null(file);
    diff_print(file, one, other);
    fclose(file);
    assert_true(size < TEXT_SIZE);
    memcpy(ret_text, bytes, size + 1);
    free(bytes);
}

/* Goes along one by the hunks' line numbers, as patch does. */
static void apply(const char *one, const char *diff, char *ret_other) {
    size_t line = 1;
    *ret_other = 0;
    while (*diff != 0) {
        size_t size = strcspn(diff, "\n") + 1;
        size_t old = strcspn(one, "\n") + 1;
        if (*diff == '@') {
            size_t from = strtoul(diff + strlen("@@ -"), NULL, 10);
            for (; line < from; line++, one += old) {
                old = strcspn(one, "\n") + 1;
                strncat(ret_other, one, old);
            }
        } else {
            if (*diff != '-') strncat(ret_other, diff + 1, size - 1);
            if (*diff != '+') {
                assert_int_equal(old, size - 1);
                assert_memory_equal(one, diff + 1, old);
                one += old;
                line++;
            }
        }
        diff += size;
    }
    strcat(ret_other, one);
}

static void draw(hop_random *random, char *text) {
    *text = 0;
    for (uint64_t i = hop_random_between(random, 0, 30); i > 0; i--) {
        char line[3] = {(char)('a' + hop_random_between(random, 0, 7)), '\n', 0};
        strcat(text, line);
    }
}

static void applied_it_is_the_other(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(1);
    for (int i = 0; i < 3000; i++) {
        char one[TEXT_SIZE], other[TEXT_SIZE], diff[TEXT_SIZE], again[TEXT_SIZE];
        draw(&random, one);
        draw(&random, other);
        if (hop_random_between(&random, 0, 3) == 0) memcpy(other, one, sizeof(one));
        diff_of(one, other, diff);
        apply(one, diff, again);
        assert_string_equal(again, other);
        assert_int_equal(diff_first(one, other) == 0, *diff == 0);
    }
}

static void what_it_shows(void **state) {
    (void)state;
    char diff[TEXT_SIZE];
    diff_of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", diff);
    assert_string_equal(diff, "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    diff_of("", "1\n", diff);
    assert_string_equal(diff, "@@ -1,0 +1,1 @@\n+1\n");
    assert_int_equal(diff_first("1\n2\n3\n", "1\n2\nthree\n"), 3);
    assert_int_equal(diff_first("1\n", "1\n2\n"), 2);
    assert_int_equal(diff_first("1\n", "1\n"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applied_it_is_the_other),
        cmocka_unit_test(what_it_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
