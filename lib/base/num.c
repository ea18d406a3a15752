/* Numbers from text; see num.h. Test: test/unit/base/test_num.c. */
#include "num.h"
#include "result.h"

int
num_parse(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (*text == '\0')
		return FLOWD_EINVAL;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9)
			return FLOWD_EINVAL;
		if (digit > max || v > (max - digit) / 10)
			return FLOWD_ERANGE;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}
