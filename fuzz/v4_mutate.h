/*
 * Changes to a columnar log that leave it whole but for one place: lengths and
 * checksums are made right again, which nobody finds by chance, and behind
 * which is what wants to be tried. For libFuzzer, which asks fuzz_v4.c.
 */
#ifndef FLOWD_V4_MUTATE_H
#define FLOWD_V4_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* As LLVMFuzzerMutate(). */
typedef size_t v4_mutator(uint8_t *data, size_t size, size_t max_size);

/*
 * Change one thing in data, which has room for max_size: any octets; a block's
 * head; an entry of that; the data of a column, which may become longer or
 * shorter, or those of another column. Returns the size.
 */
size_t v4_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed,
    v4_mutator *mutate);

/* Make checksums right wherever a block seems to begin. */
void v4_mend(uint8_t *data, size_t size);

#endif
