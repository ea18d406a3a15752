/* Relations between columns; see relation.h. */
#include "relation.h"

const struct relation relations[RELATIONS] = {
#define RELATION(id, column, kind, from, by) \
	{ id, COL_##column, RELATION_##kind, COL_##from, COL_##by },
#include "relations.def"
};

const struct relation *
relation_find(unsigned id, unsigned col)
{
	for (size_t i = 0; i < RELATIONS; i++)
		if (relations[i].id == id && relations[i].col == col)
			return &relations[i];
	return NULL;
}

const struct relation *
relation_of_uptime(unsigned col)
{
	for (size_t i = 0; i < RELATIONS; i++)
		if (relations[i].kind == RELATION_UPTIME &&
		    relations[i].col == col)
			return &relations[i];
	return NULL;
}

struct colset
relation_needs(const struct relation *r)
{
	struct colset set = { { 0, 0 } };

	colset_add(&set, r->from);
	colset_add(&set, r->by);
	if (r->kind == RELATION_UPTIME)
		colset_add(&set, COL_sys_uptime_ms);
	return set;
}
