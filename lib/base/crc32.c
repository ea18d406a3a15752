/* CRC-32 of flow logs; see crc32.h. Test: test/unit/base/test_crc32.c. */
#include <libdeflate.h>

#include "crc32.h"

/* The library inverts the start value and the result: undo both. */
uint32_t
flowd_crc32(const void *data, size_t len)
{
	return ~libdeflate_crc32(UINT32_MAX, data, len);
}
