/*
 * Memory that processes share, as a descriptor: it lives as long as one of
 * them holds it, and has no name in the file system.
 *
 * memory_linux.c uses memfd_create(2), memory_posix.c shm_open(3).
 * Called by parent.c; mapped by mailbox.c and statebox.c.
 */
#ifndef FLOWD_MEMORY_H
#define FLOWD_MEMORY_H

#include <stddef.h>

/*
 * Zeroed memory; a page costs nothing until it is used. Where the system can
 * see to it, it stays of this size; of size 0 it may become larger. -1 and
 * errno.
 */
int memory_create(const char *name, size_t size);

/*
 * What is in these pages of such memory, as mapped here, is not needed: the
 * system may have it back.
 */
void memory_give_back(void *pages, size_t size);

#endif
