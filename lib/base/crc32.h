/*
 * The CRC-32 of flow logs: polynomial 0xedb88320, reflected, start value 0,
 * no final inversion. It is not zlib's, but made from it:
 * crc32(data, 0xffffffff) ^ 0xffffffff. Computed by libdeflate.
 */
#ifndef FLOWD_CRC32_H
#define FLOWD_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t flowd_crc32(const void *data, size_t len);
/* Of what has the checksum crc, and the data behind it. */
uint32_t flowd_crc32_extend(uint32_t crc, const void *data, size_t len);

#endif
