/* CRC-32 of flow logs; see crc32.h. Test: test/unit/base/test_crc32.c. */
#include <libdeflate.h>

#include "crc32.h"

/* The library inverts the start value and the result: undo both. */
uint32_t
flowd_crc32_extend(uint32_t crc, const void *data, size_t len)
{
	return ~libdeflate_crc32(~crc, data, len);
}

uint32_t
flowd_crc32(const void *data, size_t len)
{
	return flowd_crc32_extend(0, data, len);
}
