/* Files of other programs: lib/base/magic.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "magic.h"

#define HEAD(text) \
	{ (const uint8_t *)(text), sizeof(text) - 1 }

static void
files_of_other_programs_are_named(void **unused)
{
	static const struct {
		struct bytes head;
		const char *word;
	} cases[] = {
		{ HEAD("\x1f\x8b\x08\0"), "gzip: zcat F | flowd-reader -" },
		{ HEAD("\x28\xb5\x2f\xfd\4"), "zstd: zstdcat F |" },
		{ HEAD("\xfd" "7zXZ\0"), "xz: xzcat F |" },
		{ HEAD("BZh91AY"), "bzip2: bzcat F |" },
		{ HEAD("\x04\x22\x4d\x18"), "lz4: lz4cat F |" },
		{ HEAD("\x0c\xa5\1\0"), "nfcapd" },
		{ HEAD("\x0c\xa5\2\0"), "nfcapd" },
		{ HEAD("\xcf\x10\1\3"), "flow-tools" },
		{ HEAD("\xde\xad\xbe\xef\1"), "SiLK" },
		{ HEAD("snoop\0\0\0"), "editcap" },
		{ HEAD("\x7f" "ELF\2\1"), "a program" },
		{ HEAD("root:x:0"), "is a text" },
		{ HEAD("\nx\n"), "is a text" },
		{ HEAD("M\xc3\xbcller"), "is a text" },
		{ HEAD("{\"a\":1}\n"), "is a text" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_error err = { .text = "" };

		assert_int_equal(magic_refuse(cases[i].head, "F",
		    "flowd-reader", &err), FLOWD_EFORMAT);
		if (strstr(err.text, cases[i].word) == NULL)
			fail_msg("%s: %s", cases[i].word, err.text);
	}
}

static void
a_tar_archive_says_so_behind_its_begin(void **unused)
{
	struct flowd_error err;
	uint8_t head[MAGIC_OCTETS] = "20261123T100000Z.flow";

	(void)unused;
	memcpy(head + 257, "ustar", 5);
	assert_true(magic_is_known((struct bytes){ head, sizeof(head) }));
	assert_int_equal(magic_refuse((struct bytes){ head, sizeof(head) },
	    "standard input", "flowd-send", &err), FLOWD_EFORMAT);
	assert_non_null(strstr(err.text, "tar -xOf FILE | flowd-send -"));
	assert_false(magic_is_known((struct bytes){ head, 259 }));
}

/* What readers of version 3 take, they are given. */
static void
records_are_let_through(void **unused)
{
	static const struct bytes heads[] = {
		HEAD(""), HEAD("\x60"), HEAD("\x60*"), HEAD("\x60*\0"),
		HEAD("\x60\x0c\0\0\x40\0\x38\xae"),
		HEAD("\x61\x0c\0\0\x40\0\x38\xae"),
		HEAD("\x60" "ab\1\x40\0\x38\xae"), HEAD("\x80" "flowv4\n"),
		HEAD("\xd4\xc3\xb2\xa1\2\0\4\0"), HEAD("\0\0\0\0\0\0\0\0"),
		HEAD("\n\r\r\n\x1c\0\0\0"), HEAD("\x4d\x3c\xb2\xa1\2\0"),
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct flowd_error err = { .text = "" };

		if (magic_refuse(heads[i], "F", "x", &err) != 0)
			fail_msg("%zu: %s", i, err.text);
		assert_false(magic_is_known(heads[i]));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_other_programs_are_named),
		cmocka_unit_test(a_tar_archive_says_so_behind_its_begin),
		cmocka_unit_test(records_are_let_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
