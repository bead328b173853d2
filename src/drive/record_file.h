/* SPDX-License-Identifier: MIT */
/* Which file a recording is written to, and that nobody else writes to it. It knows nothing of what
 * is in it. */
#ifndef HOP_DRIVE_RECORD_FILE_H
#define HOP_DRIVE_RECORD_FILE_H

#include <stdbool.h>

/* See hop_recorder_config. An empty regular file, mode 0600, locked; or -1 and errno. */
int hop_record_file_open(const char *path, bool numbered);

#endif
