/* Predictors of columns; see predictor.h. */
#include "predictor.h"

const struct predictor predictors[PREDICTORS] = {
#define PREDICTOR(id, column, kind, from, by) \
	{ id, COL_##column, PREDICTOR_##kind, COL_##from, COL_##by },
#include "predictors.def"
};

const struct predictor *
predictor_find(unsigned id, unsigned col)
{
	for (size_t i = 0; i < PREDICTORS; i++)
		if (predictors[i].id == id && predictors[i].col == col)
			return &predictors[i];
	return NULL;
}

const struct predictor *
predictor_of_uptime(unsigned col)
{
	for (size_t i = 0; i < PREDICTORS; i++)
		if (predictors[i].kind == PREDICTOR_UPTIME &&
		    predictors[i].col == col)
			return &predictors[i];
	return NULL;
}

struct colset
predictor_needs(const struct predictor *p)
{
	struct colset set = { { 0, 0 } };

	colset_add(&set, p->from);
	colset_add(&set, p->by);
	if (p->kind == PREDICTOR_UPTIME)
		colset_add(&set, COL_sys_uptime_ms);
	return set;
}
