/*
 * Template records; see template_record.h.
 * Test: test/unit/decode/test_template.c.
 */
#include "element.h"
#include "malformed.h"
#include "template_record.h"

/* Octets of a record's head by style; a shorter rest is padding. */
static const uint8_t style_head[] = {
	[TEMPLATE_V9] = 4,
	[TEMPLATE_V9_OPTIONS] = 6,
	[TEMPLATE_IPFIX] = 4,
	[TEMPLATE_IPFIX_OPTIONS] = 4, /* a withdrawal has no scope count */
};

/*
 * Padding may be longer than a head, but is zero (RFC 7011, 3.3.1). Four octets
 * decide, as no template has id 0. Checking all octets would make reading a set
 * quadratic.
 */
static bool
at_padding(const struct wire *w, enum template_style style)
{
	return wire_left(w) < style_head[style] || load_be32(w->at) == 0;
}

/*
 * Some exporters include the scope in the length of the options. Then the sum
 * of both runs past the set, and the length of the options alone ends in the
 * padding.
 */
static bool
option_counts_scope(const struct wire *w, unsigned scope, unsigned option)
{
	size_t left = wire_left(w);

	return option >= scope && scope + option > left && option <= left &&
	    left - option < 4;
}

/* RFC 3954, 6.1: octets of the scope fields and of the option fields. */
static int
read_v9_options_head(struct wire *w, struct template_record *rec)
{
	uint16_t scope = wire_u16(w);
	uint16_t option = wire_u16(w);

	if (option_counts_scope(w, scope, option))
		option -= scope;
	if (scope % 4 != 0 || option % 4 != 0)
		return -MALFORMED_OPTIONS_SCOPE;
	rec->nscope = scope / 4;
	if (scope / 4 + option / 4 > TEMPLATE_FIELDS_MAX)
		return -MALFORMED_TEMPLATE_CUT;
	rec->nfields = (uint16_t)(scope / 4 + option / 4);
	return 1;
}

/* RFC 7011, 3.4.2.2: at least one field is scope. */
static int
read_ipfix_options_head(struct wire *w, struct template_record *rec)
{
	rec->nfields = wire_u16(w);
	if (rec->nfields == 0)
		return 1;
	rec->nscope = wire_u16(w);
	if (rec->nscope == 0 || rec->nscope > rec->nfields)
		return -MALFORMED_OPTIONS_SCOPE;
	return 1;
}

static int
read_head(struct wire *w, enum template_style style,
    struct template_record *rec)
{
	*rec = (struct template_record) { .id = wire_u16(w) };
	if (style == TEMPLATE_V9_OPTIONS)
		return read_v9_options_head(w, rec);
	if (style == TEMPLATE_IPFIX_OPTIONS)
		return read_ipfix_options_head(w, rec);
	rec->nfields = wire_u16(w);
	return 1;
}

/* RFC 7011, 3.2. NetFlow 9 has no enterprises, but numbers for scopes. */
static void
read_field(struct wire *w, enum template_style style, bool scope,
    struct field *f)
{
	const uint16_t enterprise = 0x8000;

	f->id = wire_u16(w);
	f->len = wire_u16(w);
	f->pen = PEN_IANA;
	if (style == TEMPLATE_V9_OPTIONS && scope)
		f->pen = PEN_V9_SCOPE;
	if (style < TEMPLATE_IPFIX || !(f->id & enterprise))
		return;
	f->id &= (uint16_t)~enterprise;
	f->pen = wire_u32(w);
}

int
template_read(struct wire *w, enum template_style style,
    struct template_record *rec, struct field *fields)
{
	int got;

	if (at_padding(w, style))
		return 0;
	got = read_head(w, style, rec);
	if (got < 0)
		return got;
	/* A field has at least four octets: rejects counts past the set. */
	if (!wire_ok(w) || rec->nfields > wire_left(w) / 4)
		return -MALFORMED_TEMPLATE_CUT;
	for (size_t i = 0; i < rec->nfields; i++)
		read_field(w, style, i < rec->nscope, &fields[i]);
	return wire_ok(w) ? 1 : -MALFORMED_TEMPLATE_CUT;
}

/*
 * An IANA address element that is too long shows that this is no template.
 * Vendors' elements are less certain.
 */
static bool
field_too_long(const struct field *f)
{
	const struct element *e = element_find(f->pen, f->id);

	if (e == NULL || e->column < 0 || f->len == FIELD_VARIABLE ||
	    e->pen != PEN_IANA)
		return false;
	return (e->type == ELEMENT_ADDR4 && f->len > 4) ||
	    (e->type == ELEMENT_ADDR6 && f->len > 16);
}

int
template_check(const struct template_record *rec, const struct field *fields)
{
	size_t len = 0;

	for (size_t i = 0; i < rec->nfields; i++)
		if (field_too_long(&fields[i]))
			return -MALFORMED_TEMPLATE_FIELD;
	for (size_t i = 0; i < rec->nfields; i++)
		len += fields[i].len == FIELD_VARIABLE ? 1 : fields[i].len;
	if (len == 0)
		return -MALFORMED_TEMPLATE_EMPTY;
	if (len > TEMPLATE_RECORD_MAX)
		return -MALFORMED_TEMPLATE_LENGTH;
	return 0;
}

int
template_judge(const struct template_record *rec, const struct field *fields)
{
	if (rec->id < TEMPLATE_ID_MIN)
		return -MALFORMED_TEMPLATE_ID;
	return template_check(rec, fields);
}
