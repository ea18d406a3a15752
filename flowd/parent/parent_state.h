/*
 * The state of the parent, for parent.c, which starts it, parent_loop.c, which
 * runs it, shutdown.c, which stops it, reload.c, which changes the
 * configuration, and provision.c, which sends children what they need.
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
	int image; /* of conf, for the children: a conf_image */
	struct logset logset;
	struct inherit inherit;
	struct notify notify;
	struct listeners listeners;
	struct forward_sockets forwards;
	struct admin_sockets admin;
	struct responder *responder; /* answers control */
	struct reload_queue reloads; /* orders that wait for the reload */
	/* orders that wait for the writer to use new files */
	struct rotate_queue rotations;
	struct buf errors; /* messages for the client that gave an order */
	int64_t started_ns, configured_ns;
	int64_t refused_ns; /* when the last reload failed; 0: it succeeded */
	struct shmem shmem;
	int64_t save_ms; /* when the state file is written */
	int64_t paths_ms; /* when paths are checked for removal */
	struct child *children; /* the engines first */
	struct child_log *child_logs; /* of each child */
	size_t nchildren;
	/* the child that is logging statistics, or NULL */
	const struct child *statistics_of;
	pid_t loader; /* 0: none */
	int loader_image; /* descriptor of the image that it writes */
	bool reload_again; /* another reload is wanted after this one */
	bool changing; /* engines are changing to a new configuration */
	int signals;
	int pidfile; /* locked descriptor of the pid file */
	bool exiting;
	bool signalled; /* a signal arrived in the last poll */
};

#endif
