/*
 * What the parent holds: for parent.c, which runs it, reload.c, which changes
 * its configuration, and provision.c, which hands out what each child needs.
 */
#ifndef FLOWD_PARENT_STATE_H
#define FLOWD_PARENT_STATE_H

#include "admin_sockets.h"
#include "child.h"
#include "child_log.h"
#include "forward_sockets.h"
#include "inherit.h"
#include "listen.h"
#include "logset.h"
#include "notify.h"
#include "parent_options.h"
#include "reload_queue.h"
#include "responder.h"
#include "rotate_queue.h"
#include "shmem.h"

struct parent {
	const struct parent_options *o;
	struct identity identity;
	struct child_setup setup;
	struct conf *conf;
	struct {
		struct decoder_limits limits;
		size_t ring_octets;
	} started; /* of the configuration at the start */
	int image; /* what conf was made of, for the children */
	struct logset logset;
	struct inherit inherit;
	struct notify notify;
	struct listeners listeners;
	struct forward_sockets forwards;
	struct admin_sockets admin;
	struct responder *responder; /* to control */
	struct reload_queue reloads; /* to read the configuration */
	struct rotate_queue rotations; /* orders to open the logs anew */
	struct buf why; /* what was wrong with it, or with a log */
	int64_t started_ns, configured_ns;
	int64_t refused_ns; /* 0: the last configuration is in use */
	struct shmem shmem;
	int64_t save_ms; /* when the state file is due */
	int64_t paths_ms; /* when it is looked for paths that are gone */
	struct child *children; /* the engines first */
	struct child_log *child_logs; /* of each of them */
	size_t nchildren;
	const struct child *telling; /* its statistics; NULL: nobody */
	pid_t loader; /* 0: none */
	int loading; /* what it makes */
	bool again; /* it is to be started once more */
	bool changing; /* engines go over to another configuration */
	int signals;
	int pidfile; /* that holds its lock */
	bool leaving;
	bool signalled; /* in the last turn */
};

#endif
