/*
 * Templates: what the fields of a record are and how long. Learned from
 * NetFlow 9 and IPFIX, built in for the versions before (message.h).
 *
 * template_read() turns the bytes of one template record into fields;
 * template_new() makes a template of them, with its plan, in one allocation.
 * Where templates are kept and forgotten is exporter.h.
 * Test: test/unit/decode/test_template.c.
 */
#ifndef FLOWD_TEMPLATE_H
#define FLOWD_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "map.h"
#include "plan.h"
#include "wire.h"

struct kin;
struct stream;

/* How a message writes its templates. */
enum template_style {
	TEMPLATE_V9,			/* RFC 3954, 5.2 */
	TEMPLATE_V9_OPTIONS,		/* RFC 3954, 6.1 */
	TEMPLATE_IPFIX,			/* RFC 7011, 3.4.1 */
	TEMPLATE_IPFIX_OPTIONS		/* RFC 7011, 3.4.2.2 */
};

enum {
	TEMPLATE_ID_MIN = 256,
	/* What fits into a datagram, at 4 octets a field. */
	TEMPLATE_FIELDS_MAX = 65535 / 4,
	/* A record with its set header must fit behind an IPFIX header. */
	TEMPLATE_RECORD_MAX = 65535 - 16 - 4
};

/* A template record as it was read. */
struct template_record {
	uint16_t id;
	uint16_t nfields;	/* 0: a withdrawal (RFC 7011, 8.1) */
	uint16_t nscope;	/* options: the first nscope are the scope */
};

struct template {
	struct map_node node;	/* of all templates: stream, id */
	struct list use;	/* of the exporter's, last used first */
	struct list sibling;	/* of the stream's, last used first */
	struct list cousin;	/* of its kin */
	struct stream *stream;	/* whose it is: exporter.h */
	struct kin *kin;
	uint64_t shape;		/* hash of what it consists of */
	uint16_t id;
	uint16_t nfields;
	uint16_t nscope;
	bool options;
	size_t octets;		/* of memory */
	int64_t seen_ns;	/* when it was last sent */
	uint64_t records;	/* decoded with it */
	const struct field *fields;
	struct plan plan;
};

/*
 * Read the next template record. fields has room for TEMPLATE_FIELDS_MAX.
 * Returns 1 with rec and fields filled, 0 at the end of the set (padding is
 * taken), or minus the enum malformed that names what is wrong: then the rest
 * of the set cannot be read.
 */
int template_read(struct wire *w, enum template_style style,
    struct template_record *rec, struct field *fields);

/*
 * Make a template with its compiled plan. Returns NULL when out of memory.
 * Records of no length or past TEMPLATE_RECORD_MAX must have been refused
 * before, by template_check(). max_others is plan_compile()'s.
 */
struct template *template_new(const struct template_record *rec,
    const struct field *fields, bool options, size_t max_others);
void template_free(struct template *t);

/* 0, or minus the enum malformed that says why no record can be like this. */
int template_check(const struct template_record *rec,
    const struct field *fields);

/* The same, and its number may be that of a template. */
int template_judge(const struct template_record *rec,
    const struct field *fields);

/*
 * How many entries of "other" are the scope of an options record: fields
 * without octets and padding make none.
 */
size_t template_scope_entries(const struct template *t);

/* True when t is what rec and fields say: sent again. */
bool template_same(const struct template *t, const struct template_record *rec,
    const struct field *fields, bool options);

#endif
