/*
 * Templates: the fields of records, and the plan that decodes them. NetFlow 9
 * and IPFIX send them; earlier versions have built-in ones (message.h).
 *
 * template_new() makes a template of a template record, in one allocation.
 * template_store.h keeps them.
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
	struct list use;	/* of the exporter, most recently used first */
	struct list sibling;	/* of the stream, most recently used first */
	struct list group_link;	/* of its group */
	struct stream *stream;	/* its owner: exporter.h */
	struct template_group *group;
	uint64_t content_hash;		/* of its definition */
	uint16_t id;
	uint16_t nfields;
	uint16_t nscope;
	bool options;
	size_t octets;		/* of memory */
	int64_t seen_ns;	/* when it was last received */
	uint64_t records;	/* decoded with it */
	const struct field *fields;
	struct plan plan;
};

/*
 * Makes a template with its compiled plan. Returns NULL when out of memory.
 * template_check() must have accepted the fields. max_others is that of
 * plan_compile().
 */
struct template *template_new(const struct template_record *rec,
    const struct field *fields, bool options, size_t max_others);
void template_free(struct template *t);

/*
 * How many entries of "other" make the scope of an options record: fields
 * without octets and padding make none.
 */
size_t template_scope_entries(const struct template *t);

/* Whether t equals rec and fields. */
bool template_same(const struct template *t, const struct template_record *rec,
    const struct field *fields, bool options);

#endif
