/* Classic flows as text; see text.h. */
#include "flow.h"
#include "text.h"

/* The line of one row, which is the only one; NULL: out of memory. */
static SV *
text_line(pTHX_ struct flowd_formatter *f, const struct flowd_batch *b)
{
	struct flowd_error err;
	const char *text;
	size_t len;

	if (flowd_formatter_rows(f, b, 0, 1, &text, &len, &err) < 0)
		return NULL;
	return newSVpvn(text, len > 0 ? len - 1 : 0);
}

/*
 * A formatter for a call is cheap, and knows the time zone of now; a batch is
 * not.
 */
static SV *
text_of_classic(pTHX_ struct flowd_batch *b, const struct flowd_classic *c,
    U32 fields, int utc)
{
	struct flowd_format_options o;
	struct flowd_formatter *f;
	SV *text = NULL;

	Zero(&o, 1, struct flowd_format_options);
	o.format = FLOWD_FORMAT_TEXT;
	o.utc = utc;
	o.fields = fields;
	f = flowd_formatter_new(&o, NULL);
	if (f != NULL && flowd_batch_clear(b) == 0 &&
	    flowd_classic_append(b, c) == 0)
		text = text_line(aTHX_ f, b);
	flowd_formatter_free(f);
	return text;
}

SV *
text_format(pTHX_ struct flowd_batch **batch, SV *flow, U32 fields, int utc)
{
	struct flowd_classic c;
	SV *text;

	flow_take(aTHX_ flow, &c);
	/* Bits that no field has print nothing; 0 is a default. */
	fields &= FLOWD_FIELDS_ALL;
	if (fields == 0)
		return newSVpvs("FLOW ");
	if (*batch == NULL)
		*batch = flowd_batch_new(NULL, 1, NULL);
	text = *batch != NULL
	    ? text_of_classic(aTHX_ *batch, &c, fields, utc)
	    : NULL;
	if (text == NULL)
		croak("out of memory");
	return text;
}
