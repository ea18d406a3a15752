/* Quoted strings: quote.c, and that the lexer reads them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "collect.h"
#include "lex.h"
#include "quote.h"

static void
reads_back(const char *text)
{
	struct arena arena;
	struct macros macros;
	struct collected got;
	struct source src;
	struct lex lex;
	struct buf out;

	arena_init(&arena, 4096);
	assert_true(macros_init(&macros, &arena));
	collected_init(&got);
	buf_init(&out, 4096);
	quote_print(text, &out);
	assert_true(buf_ok(&out));
	src = source_of_text("t", (struct bytes){ out.ptr, out.len });
	lex_init(&lex, &src, &macros, &got.sink);
	lex_next(&lex);
	assert_int_equal(lex.tok.kind, TOKEN_STRING);
	assert_string_equal(lex.tok.text, text);
	lex_next(&lex);
	assert_int_equal(lex.tok.kind, TOKEN_END);
	assert_int_equal(got.sink.count, 0);
	buf_fini(&out);
	macros_fini(&macros);
	arena_fini(&arena);
}

static void
strings_read_back_as_they_were(void **state)
{
	(void)state;
	reads_back("");
	reads_back("/var/log/flowd");
	reads_back("a b");
	reads_back("it's");
	reads_back("say \"no\"");
	reads_back("$HOME # {}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_read_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
