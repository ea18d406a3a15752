/* The text of measures; see measure.h. */
#include <stdio.h>
#include <string.h>

#include "flow_time.h"
#include "measure.h"
#include "num.h"
#include "suggest.h"

struct measure_word {
	const char *word;
	uint8_t function, type, unit, input;
	uint16_t factor;
	const char *doc;
};

static const struct measure_word measure_words[] = {
#define MEASURE(word, function, type, unit, input, factor, doc) \
	{ #word, MEASURE_##function, MEASURE_##type, UNIT_##unit, input, \
		factor, doc },
#define FUNCTION(word, function, doc)
#include "measure.def"
#undef MEASURE
#undef FUNCTION
};

struct measure_call {
	const char *word;
	uint8_t function;
	const char *doc;
};

static const struct measure_call measure_calls[] = {
#define MEASURE(word, function, type, unit, input, factor, doc)
#define FUNCTION(word, function, doc) { #word, MEASURE_##function, doc },
#include "measure.def"
#undef MEASURE
#undef FUNCTION
};

#define NWORDS (sizeof(measure_words) / sizeof(measure_words[0]))
#define NCALLS (sizeof(measure_calls) / sizeof(measure_calls[0]))

static const struct measure_word *
measure_word_find(const char *word)
{
	for (size_t i = 0; i < NWORDS; i++)
		if (strcmp(measure_words[i].word, word) == 0)
			return &measure_words[i];
	return NULL;
}

static const struct measure_call *
measure_call_find(const char *word)
{
	for (size_t i = 0; i < NCALLS; i++)
		if (strcmp(measure_calls[i].word, word) == 0)
			return &measure_calls[i];
	return NULL;
}

static int
measure_fail_unknown(const char *word, struct flowd_error *err)
{
	const char *words[NWORDS + NCALLS], *meant;

	if (strcmp(word, "bytes") == 0)
		meant = "octets";
	else {
		for (size_t i = 0; i < NWORDS; i++)
			words[i] = measure_words[i].word;
		for (size_t i = 0; i < NCALLS; i++)
			words[NWORDS + i] = measure_calls[i].word;
		meant = suggest_word(word, words, NWORDS + NCALLS);
	}
	if (meant == NULL && column_by_name(word) >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is a column; say what of it: "
		    "sum(%s), avg(%s), distinct(%s)",
		    word, word, word, word);
	if (meant == NULL)
		return flowd_fail(err, FLOWD_EINVAL, "%s: is no measure", word);
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: is no measure; do you mean %s%s?", word, meant,
	    measure_call_find(meant) != NULL ? "(COLUMN)" : "");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Is a percentile meant, as by "p95", "p100" or "p99.99"? */
static bool
measure_is_percentile(const char *word)
{
	return word[0] == 'p' && is_digit(word[1]);
}

/* "p95", "p99.9": 950, 999; 0 when there is no such percentile. */
static uint16_t
measure_permille(const char *word)
{
	const char *p = word + 1;
	unsigned permille = 0;

	if (!measure_is_percentile(word))
		return 0;
	for (; is_digit(*p) && permille < 100; p++)
		permille = permille * 10 + (unsigned)(*p - '0');
	permille *= 10;
	if (p[0] == '.' && is_digit(p[1])) {
		permille += (unsigned)(p[1] - '0');
		p += 2;
	}
	return *p == '\0' && permille < 1000 ? (uint16_t)permille : 0;
}

static int
measure_fail_percentile(const char *word, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: a percentile is p0.1 to p99.9, with one decimal", word);
}

/* The input of a function, by its name. */
static int
input_find(const char *name)
{
	if (strcmp(name, "duration") == 0)
		return INPUT_DURATION;
	return column_by_name(name);
}

static unsigned
input_type(unsigned input)
{
	if (input == INPUT_DURATION)
		return MEASURE_NS;
	if (input >= COL_COUNT || column_info[input].type == COLUMN_TIME)
		return MEASURE_TIME;
	return MEASURE_UINT;
}

/* Which functions make sense of which columns. */
static bool
measure_is_sensible(unsigned function, int input)
{
	unsigned type = input < COL_COUNT ? column_info[input].type
					  : (unsigned)COLUMN_U64;

	if (input < COL_COUNT && (column_info[input].flags & COLUMN_RECORD))
		return false;
	if (function == MEASURE_DISTINCT)
		return type != COLUMN_BYTES;
	if (type == COLUMN_ADDR || type == COLUMN_MAC || type == COLUMN_BYTES)
		return false;
	return type != COLUMN_TIME || function == MEASURE_MIN ||
	    function == MEASURE_MAX;
}

static int
measure_fail_column(
    const char *name, const char *column, int input, struct flowd_error *err)
{
	const char *also =
	    measure_is_sensible(MEASURE_MIN, input) ? "min(), max() and " : "";

	return measure_is_sensible(MEASURE_DISTINCT, input)
	    ? flowd_fail(err, FLOWD_EINVAL,
		  "%s: is no measure; of %s there is %sdistinct()", name,
		  column, also)
	    : flowd_fail(err, FLOWD_EINVAL, "%s: is no measure", name);
}

static int
measure_fail_argument(const char *word, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: say of which column: %s(octets)", word, word);
}

/* "sum(octets)": word is "sum", argument "octets". */
static int
measure_init_call(struct measure *m, const char *word, const char *argument,
    struct flowd_error *err)
{
	const struct measure_call *call = measure_call_find(word);
	const char *meant;
	int input = input_find(argument);

	m->permille = measure_permille(word);
	if (call == NULL && m->permille == 0)
		return measure_is_percentile(word)
		    ? measure_fail_percentile(word, err)
		    : measure_fail_unknown(word, err);
	if (argument[0] == '\0')
		return measure_fail_argument(word, err);
	if (input < 0) {
		meant = column_suggest(argument);
		return flowd_fail(err, FLOWD_EINVAL,
		    meant != NULL ? "%s: %s is no column; do you mean %s?"
				  : "%s: %s is no column",
		    m->name, argument, meant);
	}
	m->function = call != NULL ? call->function : MEASURE_PERCENTILE;
	if (!measure_is_sensible(m->function, input))
		return measure_fail_column(m->name, argument, input, err);
	m->input = (uint8_t)input;
	m->factor = 1;
	m->type = m->function == MEASURE_DISTINCT
	    ? (unsigned)MEASURE_UINT
	    : input_type((unsigned)input);
	if (m->function == MEASURE_AVG && m->type == MEASURE_UINT)
		m->type = MEASURE_REAL;
	if (input < COL_COUNT && m->function != MEASURE_DISTINCT)
		m->unit = column_info[input].unit;
	return 0;
}

static int
measure_init_word(
    struct measure *m, const char *word, struct flowd_error *err)
{
	const struct measure_word *w = measure_word_find(word);

	if (w == NULL && (measure_call_find(word) != NULL ||
			     measure_permille(word) != 0))
		return measure_fail_argument(word, err);
	if (w == NULL && measure_is_percentile(word))
		return measure_fail_percentile(word, err);
	if (w == NULL)
		return measure_fail_unknown(word, err);
	m->function = w->function;
	m->type = w->type;
	m->unit = w->unit;
	m->input = w->input;
	m->factor = w->factor;
	return 0;
}

static int
measure_init(struct measure *m, const char *text, size_t len,
    struct flowd_error *err)
{
	char word[MEASURE_NAME_MAX], *open;

	if (len == 0)
		return flowd_fail(err, FLOWD_EINVAL, "a measure is missing");
	if (len >= sizeof(word))
		return flowd_fail(err, FLOWD_EINVAL,
		    "%.40s...: is no measure", text);
	*m = (struct measure){ .factor = 1 };
	memcpy(m->name, text, len);
	memcpy(word, text, len);
	word[len] = '\0';
	open = strchr(word, '(');
	if (open == NULL)
		return measure_init_word(m, word, err);
	if (word[len - 1] != ')')
		return flowd_fail(
		    err, FLOWD_EINVAL, "%s: a ) is missing", word);
	word[len - 1] = '\0';
	*open = '\0';
	return measure_init_call(m, word, open + 1, err);
}

int
measures_parse(struct measures *m, const char *text, struct flowd_error *err)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		int bad;

		if (m->n == MEASURES)
			return flowd_fail(err, FLOWD_EINVAL,
			    "there are more than %d measures", MEASURES);
		bad = measure_init(&m->measure[m->n], text, len, err);
		if (bad != 0)
			return bad;
		if (measures_find(m, m->measure[m->n].name) >= 0)
			return flowd_fail(err, FLOWD_EINVAL,
			    "%s: is there twice", m->measure[m->n].name);
		m->n++;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

int
measures_find(const struct measures *m, const char *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (strcmp(m->measure[i].name, name) == 0)
			return (int)i;
	return -1;
}

struct colset
input_columns(unsigned input)
{
	struct colset set = { { 0, 0 } };

	switch (input) {
	case INPUT_BEGIN:
		set = flow_time_columns();
		colset_add(&set, COL_flow_start);
		break;
	case INPUT_END:
		set = flow_time_columns();
		colset_add(&set, COL_flow_end);
		break;
	case INPUT_DURATION:
		colset_add(&set, COL_flow_start);
		colset_add(&set, COL_flow_end);
		break;
	default:
		colset_add(&set, input);
		break;
	}
	return set;
}

void
measures_describe(struct buf *out)
{
	for (size_t i = 0; i < NWORDS; i++)
		buf_printf(out, "%s\t%s\n", measure_words[i].word,
		    measure_words[i].doc);
	for (size_t i = 0; i < NCALLS; i++)
		buf_printf(out, "%s(COLUMN)\t%s\n", measure_calls[i].word,
		    measure_calls[i].doc);
	buf_printf(out,
	    "pNN(COLUMN)\tpercentile, p50 to p99.9; ~ if it is an "
	    "estimate\n");
}
