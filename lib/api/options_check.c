/* Checks of options; see options_check.h. */
#include <inttypes.h>
#include <stddef.h>

#include "options_check.h"

int
options_check_reserved(
    void *const *reserved, size_t n, struct flowd_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (reserved[i] != NULL)
			return flowd_fail(err, FLOWD_EINVAL,
			    "reserved[%zu] is not NULL: options are not set "
			    "to 0, or are those of a later version", i);
	return 0;
}

int
options_check_bits(const char *name, uint32_t bits, uint32_t known,
    struct flowd_error *err)
{
	if ((bits & ~known) == 0)
		return 0;
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: 0x%" PRIx32 " is not known", name, bits & ~known);
}
