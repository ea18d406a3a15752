/* The registry of information elements; see element.h. */
#include <stdlib.h>
#include <string.h>

#include "element.h"

/* Words of elements.def. */
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

enum {
	PEN_CISCO = 9,
	PEN_CERT = 6871,
	PEN_NTOP = 35632
};

/*
 * Element numbers with an offset: the same element under another enterprise, or
 * in NetFlow 9, which has no enterprises. The first matching row applies.
 */
static const struct numbering {
	uint32_t pen;
	uint16_t higher;
	uint32_t of;
	bool reverse;		/* the reverse direction of a biflow */
} numberings[] = {
	{ PEN_IANA, 57472, PEN_NTOP, false },
	{ PEN_IANA, 32768, PEN_CISCO, false },
	{ PEN_CERT, 16384, PEN_CERT, true },
	{ PEN_REVERSE, 0, PEN_IANA, true },	/* RFC 5103, 6.1 */
};

enum {
	NUMBERINGS = sizeof(numberings) / sizeof(numberings[0])
};

static int
compare_number(const void *key, const void *member)
{
	const struct element *a = key, *b = member;

	if (a->pen != b->pen)
		return a->pen < b->pen ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static const struct element *
registry_find(uint32_t pen, uint16_t id)
{
	const struct element key = { .pen = pen, .id = id };

	return bsearch(&key, elements, ELEMENT_COUNT, sizeof(elements[0]),
	    compare_number);
}

/* The element that a number with an offset stands for, or NULL. */
static const struct element *
numbering_find(uint32_t pen, uint16_t id, bool reverse)
{
	for (size_t i = 0; i < NUMBERINGS; i++) {
		const struct numbering *n = &numberings[i];

		if (n->pen == pen && id >= n->higher)
			return n->reverse == reverse
			    ? registry_find(n->of, (uint16_t)(id - n->higher))
			    : NULL;
	}
	return NULL;
}

/* The number with offset of an element. Returns false if it has none. */
static bool
numbering_of(const struct element *e, bool reverse, struct other_id *id)
{
	for (size_t i = 0; i < NUMBERINGS; i++) {
		const struct numbering *n = &numberings[i];

		if (n->of != e->pen || n->reverse != reverse ||
		    e->id > UINT16_MAX - n->higher)
			continue;
		*id = (struct other_id) { n->pen,
			(uint16_t)(e->id + n->higher) };
		return true;
	}
	return false;
}

const struct element *
element_find(uint32_t pen, uint16_t id)
{
	const struct element *e = registry_find(pen, id);

	return e != NULL ? e : numbering_find(pen, id, false);
}

bool
element_v9(const struct element *e, struct other_id *id)
{
	return numbering_of(e, false, id);
}

bool
element_reverse(const struct element *e, struct other_id *id)
{
	return numbering_of(e, true, id);
}

const struct element *
element_by_name(const char *name)
{
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].named && strcmp(elements[i].name, name) == 0)
			return &elements[i];
	return NULL;
}

void
element_text(uint32_t pen, uint16_t id, struct element_text *text)
{
	const struct element *e = element_find(pen, id);

	*text = (struct element_text) { .type = ELEMENT_OCTETS };
	if (e == NULL) {
		e = numbering_find(pen, id, true);
		text->reverse = e != NULL && e->named;
	}
	if (e == NULL)
		return;
	text->type = e->type;
	if (e->named)
		text->name = e->name;
}
