/* UTF-8; see utf8.h. Test: test/unit/base/test_utf8.c. */
#include "utf8.h"

size_t
utf8_len(const uint8_t *p, size_t left)
{
	static const struct {
		uint8_t mask, lead, len;
		uint32_t min;
	} forms[] = {
		{ 0x80, 0x00, 1, 0 },
		{ 0xe0, 0xc0, 2, 0x80 },
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint32_t point;

		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (forms[i].len > left)
			return 0;
		point = p[0] & (uint8_t)~forms[i].mask;
		for (size_t k = 1; k < forms[i].len; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (p[k] & 0x3f);
		}
		if (point < forms[i].min || point > 0x10ffff ||
		    (point >= 0xd800 && point <= 0xdfff))
			return 0;
		return forms[i].len;
	}
	return 0;
}

int
utf8_control(const uint8_t *p, size_t len)
{
	if (len == 1 && (p[0] < 0x20 || p[0] == 0x7f))
		return p[0];
	if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return p[1];
	return -1;
}
