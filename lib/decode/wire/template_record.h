/*
 * Template records of NetFlow 9 and IPFIX messages.
 *
 * template_read() parses one into fields, and template_judge() validates it.
 * template.h makes templates of them. decode.c and state_load.c use it.
 * Test: test/unit/decode/test_template.c.
 */
#ifndef FLOWD_TEMPLATE_RECORD_H
#define FLOWD_TEMPLATE_RECORD_H

#include "field.h"
#include "wire.h"

/* Encodings of template records. */
enum template_style {
	TEMPLATE_V9,			/* RFC 3954, 5.2 */
	TEMPLATE_V9_OPTIONS,		/* RFC 3954, 6.1 */
	TEMPLATE_IPFIX,			/* RFC 7011, 3.4.1 */
	TEMPLATE_IPFIX_OPTIONS		/* RFC 7011, 3.4.2.2 */
};

enum {
	TEMPLATE_ID_MIN = 256,
	/* A record with its set header must fit behind an IPFIX header. */
	TEMPLATE_RECORD_MAX = 65535 - 16 - 4
};

/* A parsed template record. */
struct template_record {
	uint16_t id;
	uint16_t nfields;	/* 0: a withdrawal (RFC 7011, 8.1) */
	uint16_t nscope;	/* options: the first nscope are the scope */
};

/*
 * Reads the next template record. fields has room for TEMPLATE_FIELDS_MAX.
 * Returns 1 with rec and fields filled, 0 at the end of the set (skipping
 * padding), or a negated enum malformed: then the rest of the set cannot be
 * read.
 */
int template_read(struct wire *w, enum template_style style,
    struct template_record *rec, struct field *fields);

/*
 * Returns 0, or the negated enum malformed that says why no record can match.
 */
int template_check(const struct template_record *rec,
    const struct field *fields);

/* The same, and validates the template id. */
int template_judge(const struct template_record *rec,
    const struct field *fields);

#endif
