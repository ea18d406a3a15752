/*
 * Stores: the logs as the parent has them. It opens files and hands them to
 * the keeper; it reads no flow.
 *
 * Called by parent.c and equip.c. Test: test/program/test_flowd.py,
 * test/program/test_logdir.py.
 */
#ifndef FLOWD_STORES_H
#define FLOWD_STORES_H

#include "conf.h"
#include "plumbing.h"

struct stores {
	int logfile; /* its descriptor, or -1 */
	int staged; /* the next one, or -1 */
	/* Of the logdirs of the configuration, in their order. */
	uint8_t slots[CONF_LOGDIR_MAX];
	size_t nslots;
};

void stores_init(struct stores *s);
void stores_fini(struct stores *s);

/*
 * Open the logs of a configuration beside those that there are. False after it
 * was logged what failed, when there is nothing to go on with instead: then
 * nothing is staged. A log that was open before and cannot be opened again is
 * not such a case.
 */
bool stores_stage(struct stores *s, const struct conf *conf);
/* What is staged takes the place of what there is; or it is forgotten. */
void stores_commit(struct stores *s, const struct conf *conf);
void stores_abandon(struct stores *s);

#endif
