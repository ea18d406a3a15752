/* Tokens of a configuration: lib/syntax/lex.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collect.h"
#include "lex.h"

static struct {
	struct arena arena;
	struct macros macros;
	struct collected got;
	char tokens[4096];
} t;

static void
macro_set(const char *name, const char *value)
{
	assert_int_equal(macro_define(&t.macros, bytes_of_text(name),
			     bytes_of_text(value), false),
	    0);
}

static void
text_append(const char *text, size_t len)
{
	size_t at = strlen(t.tokens);

	assert_true(at + len + 4 < sizeof(t.tokens));
	memcpy(t.tokens + at, text, len);
	t.tokens[at + len] = '\0';
}

/* word "string" c ; and BAD, separated by blanks: ; is a newline. */
static void
write_token(const struct token *tok)
{
	if (t.tokens[0] != '\0')
		text_append(" ", 1);
	switch (tok->kind) {
	case TOKEN_NEWLINE:
		text_append(";", 1);
		break;
	case TOKEN_STRING:
		text_append("\"", 1);
		text_append(tok->text, tok->len);
		text_append("\"", 1);
		break;
	case TOKEN_BAD:
		text_append("BAD", 3);
		break;
	default:
		text_append(tok->text, tok->len);
	}
}

static const char *
lex_bytes(struct bytes text)
{
	struct source src = source_of_text("t", text);
	struct lex *lex = malloc(sizeof(*lex));

	assert_non_null(lex);
	collected_init(&t.got);
	t.tokens[0] = '\0';
	lex_init(lex, &src, &t.macros, &t.got.sink);
	for (lex_next(lex); lex->tok.kind != TOKEN_END; lex_next(lex))
		write_token(&lex->tok);
	free(lex);
	return t.tokens;
}

static const char *
tokens_of(const char *text)
{
	return lex_bytes(bytes_of_text(text));
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&t.arena, 1 << 20);
	return macros_init(&t.macros, &t.arena) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	macros_fini(&t.macros);
	arena_fini(&t.arena);
	return 0;
}

static void
nothing_has_no_tokens(void **state)
{
	(void)state;
	assert_string_equal(tokens_of(""), "");
	assert_string_equal(tokens_of(" \t "), "");
	assert_string_equal(tokens_of("\\\n"), "");
	assert_string_equal(tokens_of("# only a comment"), "");
}

static void
newlines_are_tokens(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("\n\na\n"), "; ; a ;");
}

static void
words_and_characters_part_at_punctuation(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("flow source 10.0.0.0/8\n"),
	    "flow source 10.0.0.0 / 8 ;");
	assert_string_equal(
	    tokens_of("port{80,443}!=a>=b"), "port { 80 , 443 } ! = a > = b");
	assert_string_equal(tokens_of("fri-mon"), "fri - mon");
	assert_string_equal(tokens_of("[::1%lo]:9995"), "[::1%lo]:9995");
	assert_string_equal(tokens_of("*:9 _a ::"), "*:9 _a ::");
}

static void
quotes_and_dollars_inside_a_word_belong_to_it(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("x\"y z'"), "x\"y z'");
	assert_string_equal(tokens_of("a$b foo\\bar"), "a$b foo\\bar");
}

static void
what_a_word_cannot_begin_with_stands_alone(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("%a -1 .b"), "% a - 1 . b");
	assert_string_equal(tokens_of("a\r\n"), "a \r ;");
}

static void
quotes_make_strings(void **state)
{
	(void)state;
	assert_string_equal(
	    tokens_of("\"a/b\" 'c d' ''"), "\"a/b\" \"c d\" \"\"");
	assert_string_equal(
	    tokens_of("\"it's\" 'say \"x\"'"), "\"it's\" \"say \"x\"\"");
	assert_string_equal(tokens_of("\"a\\b\""), "\"a\\b\"");
	assert_string_equal(tokens_of("\"#no $macro\""), "\"#no $macro\"");
}

static void
blanks_are_one_also_in_quotes(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("\"a \t  b\""), "\"a b\"");
	assert_string_equal(tokens_of("\"a \\\n b\""), "\"a b\"");
}

static void
a_newline_in_quotes_is_dropped(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("\"a\nb\"\n"), "\"ab\" ;");
}

static void
an_open_quote_is_reported_where_it_begins(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("a\n \"b\nc\n"), "a ; BAD");
	assert_int_equal(t.got.sink.count, 1);
	assert_int_equal(t.got.line, 2);
	assert_int_equal(t.got.column, 2);
}

static void
backslash_newline_joins_lines_anywhere(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("a\\\nb c\\\n\\\n d\n"), "ab c d ;");
	assert_string_equal(tokens_of("\"x\\\ny\""), "\"xy\"");
	assert_string_equal(tokens_of("# c \\\nstill\nnext"), "; next");
	assert_string_equal(tokens_of("a\\"), "a\\");
}

static void
backslash_before_white_space_is_bad_but_in_comments(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("a \\ b\nc"), "a BAD b ; c");
	assert_string_equal(t.got.text, "1: white space after \\\n");
	assert_string_equal(tokens_of("\"a\\\tb\"\n"), "BAD ;");
	assert_string_equal(tokens_of("# a\\ b\nc"), "; c");
	assert_int_equal(t.got.sink.count, 0);
}

static void
a_comment_may_follow_a_word(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("all#x y\nz"), "all ; z");
}

static void
an_octet_of_zero_is_bad(void **state)
{
	(void)state;
	assert_string_equal(
	    lex_bytes((struct bytes){ (const uint8_t *)"\"a\0b\" c", 7 }),
	    "BAD c");
	assert_int_equal(t.got.sink.count, 1);
}

static void
the_longest_word_fits_and_a_longer_one_is_bad(void **state)
{
	struct source src;
	char text[LEX_TOKEN_MAX + 1];
	struct lex *lex = malloc(sizeof(*lex));

	(void)state;
	assert_non_null(lex);
	memset(text, 'x', sizeof(text));
	src = source_of_text(
	    "t", (struct bytes){ (const uint8_t *)text, LEX_TOKEN_MAX - 1 });
	collected_init(&t.got);
	lex_init(lex, &src, &t.macros, &t.got.sink);
	lex_next(lex);
	assert_int_equal(lex->tok.kind, TOKEN_WORD);
	assert_int_equal(lex->tok.len, LEX_TOKEN_MAX - 1);
	src.text.len++;
	lex_init(lex, &src, &t.macros, &t.got.sink);
	lex_next(lex);
	assert_int_equal(lex->tok.kind, TOKEN_BAD);
	assert_int_equal(t.got.sink.count, 1);
	lex_next(lex);
	assert_int_equal(lex->tok.kind, TOKEN_END);
	free(lex);
}

static void
macros_are_read_in_place(void **state)
{
	(void)state;
	macro_set("r", "proto udp");
	macro_set("p", "10.0");
	macro_set("q", "'a b' c");
	macro_set("e", "");
	assert_string_equal(tokens_of("accept $r\n"), "accept proto udp ;");
	assert_string_equal(tokens_of("$p.0.0/8"), "10.0.0.0 / 8");
	assert_string_equal(tokens_of("$q"), "\"a b\" c");
	assert_string_equal(tokens_of("x $e y"), "x y");
	assert_string_equal(tokens_of("$e$e$p"), "10.0");
	assert_string_equal(tokens_of("1.2.3.4:$p"), "1.2.3.4:$p");
}

static void
a_dollar_in_a_macro_is_no_macro(void **state)
{
	(void)state;
	macro_set("a", "$a");
	assert_string_equal(tokens_of("$a"), "$ a");
	assert_int_equal(t.got.sink.count, 0);
}

static void
a_comment_may_come_from_a_macro(void **state)
{
	(void)state;
	macro_set("c", "a # b");
	assert_string_equal(tokens_of("$c d\ne"), "a ; e");
}

static void
an_undefined_macro_is_reported_with_its_name(void **state)
{
	(void)state;
	assert_string_equal(tokens_of("a $nope b\n$\n"), "a BAD b ; BAD ;");
	assert_string_equal(t.got.text,
	    "1: macro \"nope\" not defined\n2: macro \"\" not defined\n");
	assert_int_equal(t.got.column, 3);
	assert_int_equal(t.got.width, 5);
}

static void
macros_cannot_grow_without_bound(void **state)
{
	struct source src;
	size_t n = LEX_SPLICE_MAX / 2000 + 2;
	char *text = malloc(3 * n), value[2001];
	struct lex *lex = malloc(sizeof(*lex));

	(void)state;
	assert_true(text != NULL && lex != NULL);
	memset(value, ' ', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	macro_set("a", value);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 3 * i, "$a\n", 3);
	src =
	    source_of_text("t", (struct bytes){ (const uint8_t *)text, 3 * n });
	collected_init(&t.got);
	lex_init(lex, &src, &t.macros, &t.got.sink);
	do {
		lex_next(lex);
	} while (lex->tok.kind != TOKEN_BAD && lex->tok.kind != TOKEN_END);
	assert_int_equal(lex->tok.kind, TOKEN_BAD);
	free(lex);
	free(text);
}

static void
places_count_from_one_and_know_their_width(void **state)
{
	struct source src =
	    source_of_text("t", bytes_of_text("a\n  \\\n bcd 'e f'\n"));
	struct lex *lex = malloc(sizeof(*lex));

	(void)state;
	assert_non_null(lex);
	lex_init(lex, &src, &t.macros, &t.got.sink);
	lex_next(lex);
	lex_next(lex);
	lex_next(lex);
	assert_string_equal(lex->tok.text, "bcd");
	assert_int_equal(lex->tok.at.line, 3);
	assert_int_equal(lex->tok.at.column, 2);
	assert_int_equal(lex->tok.at.width, 3);
	lex_next(lex);
	assert_int_equal(lex->tok.at.column, 6);
	assert_int_equal(lex->tok.at.width, 5);
	free(lex);
}

static void
tokens_know_whether_a_blank_is_before_them(void **state)
{
	struct source src = source_of_text("t", bytes_of_text(">= > ="));
	struct lex *lex = malloc(sizeof(*lex));
	static const bool glued[] = { true, true, false, false };

	(void)state;
	assert_non_null(lex);
	lex_init(lex, &src, &t.macros, &t.got.sink);
	for (size_t i = 0; i < 4; i++) {
		lex_next(lex);
		assert_int_equal(lex->tok.glued, glued[i]);
	}
	free(lex);
}

static void
keywords_are_exact(void **state)
{
	(void)state;
	assert_true(lex_is_keyword("accept"));
	assert_true(lex_is_keyword("tos"));
	assert_false(lex_is_keyword("Accept"));
	assert_false(lex_is_keyword("table"));
	assert_false(lex_is_keyword(""));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_has_no_tokens),
		T(newlines_are_tokens),
		T(words_and_characters_part_at_punctuation),
		T(quotes_and_dollars_inside_a_word_belong_to_it),
		T(what_a_word_cannot_begin_with_stands_alone),
		T(quotes_make_strings),
		T(blanks_are_one_also_in_quotes),
		T(a_newline_in_quotes_is_dropped),
		T(an_open_quote_is_reported_where_it_begins),
		T(backslash_newline_joins_lines_anywhere),
		T(backslash_before_white_space_is_bad_but_in_comments),
		T(a_comment_may_follow_a_word),
		T(an_octet_of_zero_is_bad),
		T(the_longest_word_fits_and_a_longer_one_is_bad),
		T(macros_are_read_in_place),
		T(a_dollar_in_a_macro_is_no_macro),
		T(a_comment_may_come_from_a_macro),
		T(an_undefined_macro_is_reported_with_its_name),
		T(macros_cannot_grow_without_bound),
		T(places_count_from_one_and_know_their_width),
		T(tokens_know_whether_a_blank_is_before_them),
		T(keywords_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
