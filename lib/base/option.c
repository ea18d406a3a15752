/* The options of a command line; see option.h. */
#include <stdio.h>
#include <string.h>

#include "option.h"
#include "suggest.h"

enum { NAME_OCTETS = 64, TABLE_MAX = 64 };

void
option_begin(struct option_args *a, const struct option_info *table,
    size_t n, char **argv)
{
	*a = (struct option_args){ .table = table, .n = n,
		.argv = argv[0] != NULL ? argv + 1 : argv };
}

static int
fail_unknown(struct option_args *a, const char *arg, size_t len)
{
	const char *words[TABLE_MAX], *near;
	char word[NAME_OCTETS];
	size_t n = 0;

	for (size_t i = 0; i < a->n && n < TABLE_MAX; i++)
		if (a->table[i].word != NULL && a->table[i].help != NULL)
			words[n++] = a->table[i].word;
	(void)snprintf(word, sizeof(word), "%.*s", (int)len, arg);
	near = suggest_word(word, words, n);
	if (near != NULL)
		(void)flowd_fail(&a->err, FLOWD_EINVAL,
		    "unknown option --%s; did you mean --%s?", word, near);
	else
		(void)flowd_fail(&a->err, FLOWD_EINVAL,
		    "unknown option --%s; --help lists them", word);
	return OPTION_BAD;
}

/* The option of a word or of an unambiguous abbreviation; or OPTION_BAD. */
static int
find_word(struct option_args *a, const char *arg, size_t len)
{
	int found = OPTION_BAD;

	if (len == 0)
		return fail_unknown(a, arg, len);
	for (size_t i = 0; i < a->n; i++) {
		const char *word = a->table[i].word;

		if (word == NULL || strncmp(word, arg, len) != 0)
			continue;
		if (word[len] == '\0')
			return (int)i;
		if (found != OPTION_BAD) {
			(void)flowd_fail(&a->err, FLOWD_EINVAL, "--%.*s may "
			    "be short for --%s or --%s", (int)len, arg,
			    a->table[found].word, word);
			return OPTION_BAD;
		}
		found = (int)i;
	}
	return found != OPTION_BAD ? found : fail_unknown(a, arg, len);
}

/* Its value is the next argument. */
static int
take_value(struct option_args *a, int found, const char *dashes,
    const char *name, size_t len)
{
	if (a->argv[0] == NULL) {
		(void)flowd_fail(&a->err, FLOWD_EINVAL,
		    "%s%.*s wants a value: %s", dashes, (int)len, name,
		    a->table[found].value);
		return OPTION_BAD;
	}
	a->value = *a->argv++;
	return found;
}

static int
next_word(struct option_args *a, char *arg)
{
	size_t len = strcspn(arg, "=");
	int found = find_word(a, arg, len);

	if (found == OPTION_BAD)
		return OPTION_BAD;
	if (a->table[found].value == NULL && arg[len] == '=') {
		(void)flowd_fail(&a->err, FLOWD_EINVAL,
		    "--%s takes no value", a->table[found].word);
		return OPTION_BAD;
	}
	if (a->table[found].value == NULL)
		return found;
	if (arg[len] != '=')
		return take_value(a, found, "--", a->table[found].word,
		    strlen(a->table[found].word));
	a->value = arg + len + 1;
	return found;
}

static int
next_letter(struct option_args *a)
{
	const char *letter = a->letters++;
	size_t i = 0;

	while (i < a->n && a->table[i].letter != *letter)
		i++;
	if (i == a->n) {
		(void)flowd_fail(&a->err, FLOWD_EINVAL,
		    "unknown option -%c; --help lists them", *letter);
		return OPTION_BAD;
	}
	if (a->table[i].value == NULL)
		return (int)i;
	a->value = *a->letters != '\0' ? a->letters : NULL;
	a->letters = NULL;
	return a->value != NULL ? (int)i
				: take_value(a, (int)i, "-", letter, 1);
}

int
option_next(struct option_args *a)
{
	char *arg;

	a->value = NULL;
	if (a->letters != NULL && *a->letters != '\0')
		return next_letter(a);
	a->letters = NULL;
	if (a->argv[0] == NULL)
		return OPTION_END;
	arg = *a->argv++;
	if (!a->operands && strcmp(arg, "--") == 0) {
		a->operands = true;
		return option_next(a);
	}
	if (a->operands || arg[0] != '-' || arg[1] == '\0') {
		a->value = arg;
		return OPTION_OPERAND;
	}
	if (arg[1] == '-')
		return next_word(a, arg + 2);
	a->letters = arg + 1;
	return next_letter(a);
}

void
option_help(const struct option_info *table, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct option_info *o = &table[i];
		char name[NAME_OCTETS];

		if (o->help == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "%c%c%s%s%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 && o->word != NULL ? ", " : "",
		    o->letter == 0 ? "  " : "",
		    o->word != NULL ? "--" : "",
		    o->word != NULL ? o->word : "",
		    o->value != NULL ? " " : "");
		buf_printf(out, "  %s%-*s %s\n", name,
		    strlen(name) < 20 ? 20 - (int)strlen(name) : 0,
		    o->value != NULL ? o->value : "", o->help);
	}
}
