/*
 * The batch of a test program, for all its tests:
 * cmocka_run_group_tests(tests, batch_setup, batch_teardown).
 */
#ifndef FLOWD_TEST_BATCH_FIXTURE_H
#define FLOWD_TEST_BATCH_FIXTURE_H

#include "batch.h"

static struct batch *batch;	/* of BATCH_ROWS; each test resets it */

static inline int
batch_setup(void **unused)
{
	(void)unused;
	batch = batch_new(BATCH_ROWS);
	return batch == NULL;
}

static inline int
batch_teardown(void **unused)
{
	(void)unused;
	batch_free(batch);
	return 0;
}

#endif
