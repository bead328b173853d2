/* SPDX-License-Identifier: MIT */
/*
 * Distance of two words: what it takes to turn one into the other by leaving out, putting in,
 * changing a letter or swapping two neighbours. Half a step less for each letter that the words
 * have in common at their start, for people break words off ("rec" is rather "receive").
 */
#include "cli/suggest.h"

#include <string.h>

#define WORD_MAX 32

static int smallest(int a, int b, int c);

int suggest_distance(const char *wrong, const char *right) {
    size_t wrong_size = strnlen(wrong, WORD_MAX);
    size_t right_size = strnlen(right, WORD_MAX);
    int steps[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= wrong_size; i++) {
        for (size_t j = 0; j <= right_size; j++) {
            if (i == 0 || j == 0) {
                steps[i][j] = (int)(i + j);
                continue;
            }
            int same = wrong[i - 1] == right[j - 1] ? 0 : 1;
            steps[i][j] =
                smallest(steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + same);
            if (i > 1 && j > 1 && wrong[i - 1] == right[j - 2] && wrong[i - 2] == right[j - 1]) {
                int swapped = steps[i - 2][j - 2] + 1;
                steps[i][j] = swapped < steps[i][j] ? swapped : steps[i][j];
            }
        }
    }
    int common = 0;
    while (wrong[common] != '\0' && wrong[common] == right[common])
        common++;
    return 2 * steps[wrong_size][right_size] - common;
}

static int smallest(int a, int b, int c) {
    int least = a < b ? a : b;
    return c < least ? c : least;
}
