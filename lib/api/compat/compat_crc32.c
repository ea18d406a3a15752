/* The checksum of records, by pieces; see include/flowd/compat.h. */
#include "crc32.h"
#include "flowd/compat.h"

void
flowd_compat_crc32_start(uint32_t *crcp)
{
	*crcp = 0;
}

void
flowd_compat_crc32_update(const uint8_t *buf, uint32_t len, uint32_t *crcp)
{
	*crcp = flowd_crc32_extend(*crcp, buf, len);
}

uint32_t
flowd_compat_crc32(const uint8_t *buf, uint32_t len)
{
	return flowd_crc32_extend(0, buf, len);
}
