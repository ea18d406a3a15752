/* Replay of captures; see replay.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "limits_log.h"
#include "magic.h"
#include "pipeline.h"
#include "process.h"
#include "replay.h"
#include "replay_logs.h"
#include "seed.h"
#include "unsupported_log.h"

enum { NS_PER_S = 1000000000, WHY_OCTETS = 512 };

struct replay {
	struct pipeline pipeline;
	struct replay_logs logs;
	struct capture *cap;
	int64_t now_sec; /* time of the capture */
};

static void
write_log(unsigned encoder, struct bytes units, uint64_t flows,
    uint64_t through, void *arg)
{
	struct replay *r = arg;

	(void)flows;
	(void)through;
	replay_logs_write(&r->logs, encoder, units);
}

/* Rotate logs that are due; earlier flows go to the old segments. */
static bool
logs_rotate(struct replay *r, int64_t recv_ns)
{
	r->now_sec = recv_ns / NS_PER_S;
	if (!replay_logs_due(&r->logs, r->now_sec))
		return true;
	pipeline_finish(&r->pipeline);
	return replay_logs_begin(&r->logs, r->now_sec);
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
		if (!logs_rotate(r, d.recv_ns))
			return 1;
		pipeline_take(&r->pipeline, &d);
		if (r->logs.failed != NULL)
			break;
	}
	pipeline_finish(&r->pipeline);
	if (rc < 0)
		log_error("%s", err.text);
	if (r->logs.failed != NULL)
		log_error("cannot write to %s: %s", r->logs.failed->path,
		    logfile_reason(r->logs.failed));
	return rc < 0 || r->logs.failed != NULL ? 1 : 0;
}

/* Log what was replayed, as a debug message. */
static void
log_flows(const struct replay *r, const char *name)
{
	const struct capture_counters *c = capture_counters(r->cap);
	const struct engine_counters *e = &r->pipeline.counters;
	struct decoder_totals t;

	decoder_totals(r->pipeline.dec, &t);
	log_debug("%s: packets:%llu datagrams:%llu exporters:%lu flows:%llu "
		  "discarded:%llu", name,
	    (unsigned long long)c->packets, (unsigned long long)c->datagrams,
	    (unsigned long)t.exporters, (unsigned long long)e->flows,
	    (unsigned long long)e->discarded);
}

/* Warn why a capture yielded no flows. */
static void
warn_no_flows(const struct replay *r, const char *name)
{
	const struct capture_counters *c = capture_counters(r->cap);
	struct decoder_totals t;
	struct buf why;

	decoder_totals(r->pipeline.dec, &t);
	if (t.counters.flows > 0) {
		unsupported_log_update(r->pipeline.dec);
		return;
	}
	buf_init(&why, WHY_OCTETS);
	if (c->datagrams == 0)
		capture_put_counters(c, &why);
	else if (t.counters.datagrams > 0)
		decoder_put_diagnosis(&t.counters, &t.unsupported, &why);
	if (why.len > 0)
		log_warn("%s: no flows: %.*s", name, (int)why.len,
		    (const char *)why.ptr);
	buf_fini(&why);
}

/* Log what was not stored. Returns false if that is a failure. */
static bool
log_losses(const struct replay *r, const char *name)
{
	const struct capture_counters *c = capture_counters(r->cap);
	const struct engine_counters *e = &r->pipeline.counters;

	if (c->truncated > 0)
		log_warn("%s: %llu packets are truncated or damaged", name,
		    (unsigned long long)c->truncated);
	if (c->incomplete > 0)
		log_warn("%s: %llu datagrams lack some of their fragments",
		    name, (unsigned long long)c->incomplete);
	if (e->refused > 0)
		log_warn("%s: %llu datagrams are not from a flow source", name,
		    (unsigned long long)e->refused);
	if (e->unstorable > 0)
		log_error("%s: %llu flows with only one address cannot be "
			  "stored in a version 3 log",
		    name, (unsigned long long)e->unstorable);
	if (e->lost > 0)
		log_error("%s: %llu flows are lost: out of memory", name,
		    (unsigned long long)e->lost);
	return e->unstorable == 0 && e->lost == 0;
}

/* Refuse known files that are no captures, if the file can be rewound. */
static int
refuse_others(FILE *f, const char *name, struct flowd_error *err)
{
	uint8_t room[MAGIC_OCTETS];
	size_t got;

	if (fseek(f, 0, SEEK_SET) != 0)
		return 0;
	got = fread(room, 1, sizeof(room), f);
	rewind(f);
	return magic_refuse(
	    (struct bytes){ room, got }, name, "flowd -r", err);
}

static struct capture *
open_capture(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	FILE *f = standard ? stdin : fopen(path, "rb");
	struct capture *cap = NULL;
	struct flowd_error err;

	if (f == NULL) {
		log_error("cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	if (refuse_others(f, name, &err) == 0)
		cap = capture_open(f, name, &err);
	else
		(void)fclose(f);
	if (cap == NULL)
		log_error("%s", err.text);
	return cap;
}

static int
replay_into_log(struct replay *r, const struct conf *conf, const char *path)
{
	const struct encoder_sink sink = { write_log, r };
	int status;

	if (!pipeline_init(&r->pipeline, conf, seed_draw(), &sink)) {
		log_error("out of memory");
		return 1;
	}
	status = replay_capture(r);
	log_flows(r, path);
	warn_no_flows(r, path);
	limits_log_all(r->pipeline.dec, path);
	if (!log_losses(r, path))
		status = 1;
	pipeline_fini(&r->pipeline);
	return status;
}

int
replay_run(const struct conf *conf, const char *path)
{
	struct replay r = { .now_sec = 0 };
	int status = 1;

	r.cap = open_capture(path);
	if (r.cap == NULL)
		return 1;
	if (replay_logs_open(&r.logs, conf))
		status = replay_into_log(&r, conf, path);
	if (!replay_logs_close(&r.logs, r.now_sec))
		status = 1;
	capture_close(r.cap);
	return status;
}
