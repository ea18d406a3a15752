/* The registry of elements; see element.h. */
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "element.h"

/* The words of elements.def. */
#define COL_none (-1)
#define ELEMENT_LIST 255

#define ROW(pen_, id_, name_, type_, column_, rank_, only_, transform_, \
    named_) \
	{ \
		.name = #name_, \
		.pen = pen_, \
		.id = id_, \
		.column = COL_##column_, \
		.type = (int)ELEMENT_##type_ == ELEMENT_LIST \
		    ? ELEMENT_OCTETS \
		    : ELEMENT_##type_, \
		.rank = rank_, \
		.only = ONLY_##only_, \
		.transform = TRANSFORM_##transform_, \
		.named = named_, \
		.list = (int)ELEMENT_##type_ == ELEMENT_LIST, \
	},
#define ELEMENT(pen, id, name, type, column, rank, only, transform, ref) \
	ROW(pen, id, name, type, column, rank, only, transform, true)
#define ELEMENT_NUMBER(pen, id, name, type, column, rank, only, transform, \
    ref) \
	ROW(pen, id, name, type, column, rank, only, transform, false)

const struct element elements[ELEMENT_COUNT] = {
#include "elements.def"
};

static int
compare_number(const void *key, const void *member)
{
	const struct element *a = key, *b = member;

	if (a->pen != b->pen)
		return a->pen < b->pen ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

const struct element *
element_find(uint32_t pen, uint16_t id)
{
	const struct element key = { .pen = pen, .id = id };

	return bsearch(&key, elements, ELEMENT_COUNT, sizeof(elements[0]),
	    compare_number);
}

const struct element *
element_by_name(const char *name)
{
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].named && strcmp(elements[i].name, name) == 0)
			return &elements[i];
	return NULL;
}

/* RFC 5103, 6.1: the reverse of any of IANA's elements, with its type. */
void
element_text(uint32_t pen, uint16_t id, struct element_text *text)
{
	const struct element *e = element_find(pen, id);

	*text = (struct element_text) { .type = ELEMENT_OCTETS };
	if (e == NULL && pen == PEN_REVERSE) {
		e = element_find(PEN_IANA, id);
		text->reverse = e != NULL && e->named;
	}
	if (e == NULL)
		return;
	text->type = e->type;
	if (e->named)
		text->name = e->name;
}
