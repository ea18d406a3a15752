/* Templates; see template.h. Test: test/unit/decode/test_template.c. */
#include <stdlib.h>
#include <string.h>

#include "element.h"
#include "template.h"

struct template *
template_new(const struct template_record *rec, const struct field *fields,
    bool options, size_t max_others)
{
	size_t nfields = rec->nfields * sizeof(*fields), octets;
	struct template *t;
	struct plan plan;
	uint8_t *tail;

	octets = sizeof(*t) + nfields + plan_compile(&plan, NULL, fields,
	    rec->nfields, options, max_others);
	t = malloc(octets);
	if (t == NULL)
		return NULL;
	*t = (struct template) {
		.id = rec->id,
		.nfields = rec->nfields,
		.nscope = rec->nscope,
		.options = options,
		.octets = octets,
		.plan = plan,
	};
	/* Aligned to 8: struct template, and 8 octets for each field. */
	tail = (uint8_t *)(t + 1);
	t->fields = memcpy(tail, fields, nfields);
	(void)plan_compile(&t->plan, tail + nfields, t->fields, rec->nfields,
	    options, max_others);
	return t;
}

void
template_free(struct template *t)
{
	free(t);
}

size_t
template_scope_entries(const struct template *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nscope; i++)
		n += t->fields[i].len != 0 &&
		    (t->fields[i].pen != PEN_IANA ||
			t->fields[i].id != ELEMENT_PADDING_OCTETS);
	return n;
}

bool
template_same(const struct template *t, const struct template_record *rec,
    const struct field *fields, bool options)
{
	return t->options == options && t->nfields == rec->nfields &&
	    t->nscope == rec->nscope &&
	    memcmp(t->fields, fields, rec->nfields * sizeof(*fields)) == 0;
}
