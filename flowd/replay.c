/* Captures instead of sockets; see replay.h. Test: test_flowd.py. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "engine.h"
#include "logfile.h"
#include "process.h"
#include "replay.h"

struct replay {
	struct engine engine;
	struct logfile log;
	struct capture *cap;
	bool failed; /* the log takes nothing */
};

/*
 * Nobody sends faster than we write here, so nothing is dropped: wait for the
 * reader of a pipe; any other failure of the log ends the replay.
 */
static void
write_log(unsigned outlet, struct bytes units, uint64_t through, void *arg)
{
	struct replay *r = arg;

	(void)outlet;
	(void)through;
	while (units.len > 0 && !r->failed) {
		size_t done = logfile_write(&r->log, units);
		struct pollfd pfd = { .fd = r->log.fd, .events = POLLOUT };

		units.ptr += done;
		units.len -= done;
		if (logfile_blocked(&r->log))
			(void)poll(&pfd, 1, -1);
		else
			r->failed = r->log.error != 0;
	}
}

static int
replay_capture(struct replay *r)
{
	struct capture_datagram in;
	struct flowd_error err;
	struct datagram d;
	int rc;

	while ((rc = capture_next(r->cap, &in, &err)) == 1) {
		d.payload = in.payload;
		d.src = in.src;
		d.port = in.src_port;
		d.recv_ns = in.time_ns;
		engine_take(&r->engine, &d);
		if (r->failed)
			break;
	}
	engine_finish(&r->engine);
	if (rc < 0)
		log_error("%s", err.text);
	if (r->failed)
		log_error("cannot write to %s: %s", r->log.path,
		    strerror(r->log.error));
	return rc < 0 || r->failed ? 1 : 0;
}

/* What of the capture is not in the log; false when that is a failure. */
static bool
tell_losses(const struct replay *r, const char *name)
{
	const struct capture_counters *c = capture_counters(r->cap);
	const struct engine_counters *e = &r->engine.counters;

	if (c->truncated > 0)
		log_warn("%s: %llu packets are cut or damaged", name,
		    (unsigned long long)c->truncated);
	if (c->incomplete > 0)
		log_warn("%s: %llu datagrams lack some of their fragments",
		    name, (unsigned long long)c->incomplete);
	if (e->refused > 0)
		log_warn("%s: %llu datagrams are not of a flow source", name,
		    (unsigned long long)e->refused);
	if (e->unstorable > 0)
		log_error("%s: %llu flows with one address only cannot be in "
			  "a log of version 3",
		    name, (unsigned long long)e->unstorable);
	if (e->lost > 0)
		log_error("%s: %llu flows are lost: out of memory", name,
		    (unsigned long long)e->lost);
	return e->unstorable == 0 && e->lost == 0;
}

static struct capture *
open_capture(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "rb");
	struct capture *cap;
	struct flowd_error err;

	if (f == NULL) {
		log_error("cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	cap = capture_open(f, standard ? "standard input" : path, &err);
	if (cap == NULL)
		log_error("%s", err.text);
	return cap;
}

static int
replay_into_log(struct replay *r, const struct conf *conf, const char *path)
{
	const struct outlet_sink sink = { write_log, r };
	int status;

	if (!engine_init(&r->engine, conf, process_seed(), &sink)) {
		log_error("out of memory");
		return 1;
	}
	status = replay_capture(r);
	if (!tell_losses(r, path))
		status = 1;
	engine_fini(&r->engine);
	return status;
}

int
replay_run(const struct conf *conf, const char *path)
{
	struct replay r = { .failed = false };
	struct flowd_error err;
	int status = 1;

	r.cap = open_capture(path);
	if (r.cap == NULL)
		return 1;
	if (logfile_open(&r.log, conf->logfile, &err) != 0)
		log_error("%s", err.text);
	else
		status = replay_into_log(&r, conf, path);
	logfile_close(&r.log);
	capture_close(r.cap);
	return status;
}
