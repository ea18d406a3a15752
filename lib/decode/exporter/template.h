/*
 * Templates: what the fields of a record are and how long. Learned from
 * NetFlow 9 and IPFIX, built in for the versions before (message.h).
 *
 * template_new() makes one of the fields of a template record, with its plan,
 * in one allocation. Where templates are kept and forgotten is template_store.h.
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
#include "template_record.h"

struct template_group;
struct stream;

struct template {
	struct map_node node;	/* of all templates: stream, id */
	struct list use;	/* of the exporter's, last used first */
	struct list sibling;	/* of the stream's, last used first */
	struct list group_link;	/* of its kin */
	struct stream *stream;	/* whose it is: exporter.h */
	struct template_group *group;
	uint64_t content_hash;		/* hash of what it consists of */
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
 * Make a template with its compiled plan. Returns NULL when out of memory.
 * Records of no length or past TEMPLATE_RECORD_MAX must have been refused
 * before, by template_check(). max_others is plan_compile()'s.
 */
struct template *template_new(const struct template_record *rec,
    const struct field *fields, bool options, size_t max_others);
void template_free(struct template *t);

/*
 * How many entries of "other" are the scope of an options record: fields
 * without octets and padding make none.
 */
size_t template_scope_entries(const struct template *t);

/* True when t is what rec and fields say: sent again. */
bool template_same(const struct template *t, const struct template_record *rec,
    const struct field *fields, bool options);

#endif
