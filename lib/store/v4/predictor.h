/*
 * Predictors: a column of times is predicted from other columns, and a block
 * stores the residual; the table is predictors.def.
 *
 * Test: test/unit/store/test_block.c, which writes and reads random columns.
 */
#ifndef FLOWD_PREDICTOR_H
#define FLOWD_PREDICTOR_H

#include "columns.h"

enum predictor_kind {
	PREDICTOR_COLUMN,
	PREDICTOR_UPTIME
};

struct predictor {
	uint8_t id;
	uint8_t col;	/* enum column_index, as from and by */
	uint8_t kind;	/* enum predictor_kind */
	uint8_t from;
	uint8_t by;
};

enum {
	PREDICTORS = 7
};

extern const struct predictor predictors[PREDICTORS];

/* The predictor of a column with this id, or NULL. */
const struct predictor *predictor_find(unsigned id, unsigned col);

/* The predictor of a column from uptimes, or NULL. */
const struct predictor *predictor_of_uptime(unsigned col);

/* The columns that a prediction needs. */
struct colset predictor_needs(const struct predictor *p);

/*
 * The time of an uptime: agent is the exporter's time when its uptime was now.
 * Uptimes wrap; both are less than 24.8 days apart.
 */
static inline uint64_t
predict_uptime(uint64_t agent, uint32_t now, uint32_t uptime)
{
	return agent - (uint64_t)((int64_t)(int32_t)(now - uptime) * 1000000);
}

#endif
