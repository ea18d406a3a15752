/*
 * Template records: what a message says of the records that follow it, as
 * fields. NetFlow 9 and IPFIX have them.
 *
 * template_read() turns the octets of one into fields; template_judge() says
 * whether there can be records like that. What is made of them is a template
 * (template.h).
 * Called by decode.c and state_load.c.
 * Test: test/unit/decode/test_template.c.
 */
#ifndef FLOWD_TEMPLATE_RECORD_H
#define FLOWD_TEMPLATE_RECORD_H

#include "field.h"
#include "wire.h"

/* How a message writes its templates. */
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

/* A template record as it was read. */
struct template_record {
	uint16_t id;
	uint16_t nfields;	/* 0: a withdrawal (RFC 7011, 8.1) */
	uint16_t nscope;	/* options: the first nscope are the scope */
};

/*
 * Read the next template record. fields has room for TEMPLATE_FIELDS_MAX.
 * Returns 1 with rec and fields filled, 0 at the end of the set (padding is
 * taken), or minus the enum malformed that names what is wrong: then the rest
 * of the set cannot be read.
 */
int template_read(struct wire *w, enum template_style style,
    struct template_record *rec, struct field *fields);

/* 0, or minus the enum malformed that says why no record can be like this. */
int template_check(const struct template_record *rec,
    const struct field *fields);

/* The same, and its number may be that of a template. */
int template_judge(const struct template_record *rec,
    const struct field *fields);

#endif
