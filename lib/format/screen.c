/* Text on a terminal; see screen.h. */
#include <stdbool.h>

#include "screen.h"
#include "utf8.h"

struct range {
	uint32_t first, last;
};

/* Control characters, and marks that set the direction of text. */
static const struct range strange[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c },
	{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	{ 0xfff9, 0xfffb }, { 0xe0001, 0xe007f },
};

/* Combining characters: shown with the character before them. */
static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 },
	{ 0x05c7, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
	{ 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d },
	{ 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
	{ 0x2060, 0x2064 }, { 0x20d0, 0x20f0 }, { 0x302a, 0x302d },
	{ 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff }, { 0xe0100, 0xe01ef },
};

/* Characters that take two columns. */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0xa4cf },
	{ 0xa960, 0xa97c }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6b }, { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
	{ 0x20000, 0x3fffd },
};

static bool
is_in(uint32_t point, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (point >= r[i].first && point <= r[i].last)
			return true;
	return false;
}

#define IS_IN(point, table) \
	is_in(point, table, sizeof(table) / sizeof((table)[0]))

/* Decodes a sequence that utf8_len() has accepted. */
static uint32_t
screen_decode(const uint8_t *p, size_t len)
{
	uint32_t point = len == 1 ? p[0] : p[0] & (0xffU >> (len + 1));

	for (size_t i = 1; i < len; i++)
		point = point << 6 | (p[i] & 0x3f);
	return point;
}

/* Some combining characters lie within the wide ranges. */
static size_t
columns_of(uint32_t point)
{
	if (IS_IN(point, combining))
		return 0;
	return IS_IN(point, wide) ? 2 : 1;
}

size_t
screen_put(struct buf *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), columns = 0;

	while (left > 0) {
		size_t len = utf8_len(p, left);
		uint32_t point = len > 0 ? screen_decode(p, len) : 0;

		/* Invalid UTF-8 counts as the control character 0. */
		if (IS_IN(point, strange)) {
			len = len > 0 ? len : 1;
			buf_append_char(out, '?');
			columns++;
		} else {
			buf_append(out, p, len);
			columns += columns_of(point);
		}
		p += len;
		left -= len;
	}
	return columns;
}

void
screen_put_wrapped(
    struct buf *out, const char *text, size_t indent, size_t columns)
{
	size_t at = indent;
	struct buf word, shown;

	buf_init(&word, SCREEN_WORD_MAX);
	buf_init(&shown, SCREEN_WORD_MAX);
	while (*text != '\0') {
		size_t len = strcspn(text, " "), width;

		buf_reset(&word);
		buf_append(&word, text, len);
		buf_append_char(&word, '\0');
		buf_reset(&shown);
		if (!buf_ok(&word))
			break;
		width = screen_put(&shown, (const char *)word.ptr);
		if (at > indent && at + 1 + width > columns) {
			buf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			buf_append_char(out, ' ');
			at++;
		}
		buf_append(out, shown.ptr, shown.len);
		at += width;
		text += len;
		text += strspn(text, " ");
	}
	buf_fini(&word);
	buf_fini(&shown);
}
