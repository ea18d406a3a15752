/*
 * The state of the engine process, for the files of this folder: engine.c has
 * its loop, engine_imsg.c the messages of the parent, engine_receive.c receives
 * and decodes, engine_logs.c has its logs and rings, engine_snapshot.c saves
 * and loads the state of exporters.
 *
 * Test: test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_ENGINE_STATE_H
#define FLOWD_ENGINE_STATE_H

#include <poll.h>

#include "coalesce.h"
#include "engine_reports.h"
#include "imsg.h"
#include "limits_log.h"
#include "listener.h"
#include "pipeline.h"
#include "ring.h"
#include "shared_counters.h"
#include "slots.h"
#include "snapshot.h"
#include "stats.h"

/* Indexes into engine.pfd. */
enum {
	POLL_CHANNEL = 0,
	POLL_CONTROL,
	POLL_LISTENERS
};

/* A log of the configuration in use. */
struct engine_log {
	struct conf_log conf;
	unsigned encoder; /* of the pipeline */
	unsigned slot; /* of its ring */
};

struct engine {
	int channel;
	int wake; /* of the writer */
	bool wake_pending; /* the writer sleeps, and a ring has new data */
	int forward; /* the queue to the forwarder, or -1 */
	bool started; /* IMSG_GO was received */
	bool exiting; /* IMSG_QUIT was received */
	struct conf *conf, *next; /* next: waits for its listeners */
	uint8_t slots[PIPELINE_ENCODERS]; /* rings of the logdirs of conf */
	uint8_t next_slots[PIPELINE_ENCODERS];
	struct engine_log logs[CONF_LOGS_MAX]; /* of conf */
	size_t nlogs;
	struct listeners listeners, next_listeners;
	struct recv_queue queue;
	struct coalesce coalesce;
	uint64_t received; /* datagrams of all listeners */
	int64_t clock_ns; /* receive time of the newest datagram */
	struct pipeline pipeline;
	struct limits_log limits_log;
	uint64_t seed; /* drawn before files become inaccessible */
	struct imsg_engine number; /* which of the engines it is */
	struct shared_counters shared;
	struct ring rings[SLOTS]; /* shared: NULL for none */
	uint32_t serials[SLOTS]; /* of these */
	struct snapshot snapshot;
	struct responder responder; /* to control */
	struct engine_view view; /* the data of its reports */
	struct stats_log counted[CONF_LOGS_MAX]; /* of the view */
	uint64_t snapshot_generation; /* of the state in the last snapshot */
	int64_t snapshot_ms; /* when the next snapshot is due */
	struct pollfd *pfd; /* room for CONF_LISTEN_MAX listeners */
};

#endif
