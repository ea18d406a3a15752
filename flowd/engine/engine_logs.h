/*
 * The logs of the configuration as an engine has them: the ring of each, and
 * the encoder that makes its units; and the counts of their flows.
 *
 * Called by the other files of the engine. Tests:
 * test/program/flowd/test_flowd.py, test/program/flowd/test_logdir.py.
 */
#ifndef FLOWD_ENGINE_LOGS_H
#define FLOWD_ENGINE_LOGS_H

#include "engine_state.h"

/* Append units of an encoder to the rings of its logs: an encoder_sink. */
void engine_put_units(unsigned encoder, struct bytes units, uint64_t flows,
    uint64_t through, void *arg);
/* Wake the writer, if it sleeps and has something to write. */
void engine_wake_writer(struct engine *e);

/* List the logs of the configuration with their slots and encoders. */
void engine_list_logs(struct engine *e);
/* Unmap the rings of logs that are not in the configuration. */
void engine_drop_rings(struct engine *e);

/* Count the flows of all logs that this engine reports. Returns how many. */
size_t engine_count_logs(
    const struct engine *e, struct stats_log counted[CONF_LOGS_MAX]);

#endif
