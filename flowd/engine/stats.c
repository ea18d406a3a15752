/* Statistics; see stats.h. */
#include <stdio.h>

#include "log.h"
#include "report_cells.h"
#include "stats.h"
#include "text.h"

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000 };
enum { RULE_TEXT_MAX = 4096 };

typedef unsigned long long ull;

/* 2026-11-23T05:31:23.709, local time. */
static const char *
format_time(int64_t ns, char buf[TEXT_MAX + 8])
{
	struct clock clock;
	char *end;

	clock_init(&clock, false);
	end = text_time(buf, &clock, ns / NS_PER_S);
	*end++ = '.';
	end = text_u64_pad(end, (uint64_t)(ns % NS_PER_S / NS_PER_MS), 3);
	*end = '\0';
	return buf;
}

static void
log_malformed(unsigned i, const char *addr, const struct decode_counters *c)
{
	for (unsigned m = 0; m < MALFORMED_COUNT; m++)
		if (c->malformed[m] > 0)
			log_info("peer %u - %s: malformed %s:%llu", i, addr,
			    malformed_info[m].word, (ull)c->malformed[m]);
}

static void
log_sequence(unsigned i, const char *addr, const struct decode_counters *c)
{
	if (c->lost + c->late + c->repeated + c->restarts > 0)
		log_info("peer %u - %s: sequence lost:%llu late:%llu "
			 "repeated:%llu restarts:%llu",
		    i, addr, (ull)c->lost, (ull)c->late, (ull)c->repeated,
		    (ull)c->restarts);
}

static int
log_peer(const struct exporter_info *info, void *arg)
{
	unsigned *i = arg;
	char addr[ADDR_TEXT_MAX], time[TEXT_MAX + 8];
	const struct decode_counters *c = &info->counters;

	(void)addr_format_scoped(&info->addr, addr);
	log_info("peer %u - %s: packets:%llu flows:%llu invalid:%llu "
		 "no_template:%llu",
	    *i, addr, (ull)info->valid, (ull)c->flows, (ull)malformed_count(c),
	    (ull)c->no_template);
	log_info("peer %u - %s: first seen:%s", *i, addr,
	    format_time(info->first_ns, time));
	if (info->valid > 0)
		log_info("peer %u - %s: last valid:%s netflow v.%u", *i, addr,
		    format_time(info->last_valid_ns, time),
		    (unsigned)info->last_version);
	log_sequence(*i, addr, c);
	log_malformed(*i, addr, c);
	++*i;
	return 0;
}

static void
log_rule(const struct rule *rule, const struct rule_counters *counters,
    void *arg)
{
	struct buf *text = arg;

	buf_reset(text);
	rule_print_counters(rule, counters, text);
	if (buf_ok(text))
		log_info("%.*s", (int)text->len, (const char *)text->ptr);
}

static void
log_rules(struct ruleset *rules)
{
	struct buf text;

	buf_init(&text, RULE_TEXT_MAX);
	ruleset_each(rules, log_rule, &text);
	buf_fini(&text);
}

static void
log_limits(const struct decoder *dec)
{
	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++) {
		struct decoder_limit_state state;

		decoder_limit(dec, i, &state);
		if (state.hits > 0)
			log_info("limit %s %llu: reached:%llu",
			    decoder_limit_info[i].name, (ull)state.value,
			    (ull)state.hits);
	}
}

/* Logs may differ in how many datagrams a dead engine took along. */
static void
log_log(const struct stats_log *log)
{
	const struct ring_counts *c = &log->counts;

	if (log->name == NULL)
		return;
	log_info("%s: %s:%llu waiting:%llu lost:%llu", log->name, log->verb,
	    (ull)c->written, (ull)c->waiting, (ull)c->lost);
	if (c->buried > 0)
		log_info("%s: datagrams lost with an engine that died:%llu",
		    log->name, (ull)c->buried);
}

/* The first log represents all of them. */
static void
log_flows(const struct engine_counters *c, const struct stats_log *logs,
    size_t n)
{
	struct ring_counts first = { 0, 0, 0, 0 };

	if (n > 0)
		first = logs[0].counts;
	log_info("datagrams: received:%llu not permitted:%llu",
	    (ull)c->datagrams, (ull)c->refused);
	log_info("flows: stored:%llu waiting:%llu lost:%llu unstorable:%llu "
		 "discarded:%llu",
	    (ull)first.written, (ull)first.waiting,
	    (ull)(first.lost + c->lost), (ull)c->unstorable,
	    (ull)c->discarded);
	if (first.buried > 0)
		log_info("datagrams: lost with an engine that died:%llu",
		    (ull)first.buried);
}

void
stats_log(const struct pipeline *p, const struct stats_log *logs, size_t n)
{
	const struct engine_counters *c = &p->counters;
	struct decoder_totals t;
	unsigned i = 0;

	log_rules(p->conf->rules);
	decoder_totals(p->dec, &t);
	log_info("Peer state: %lu of %d in used, %llu forced deletions",
	    (unsigned long)t.exporters, PIPELINE_EXPORTERS,
	    (ull)t.evicted_exporters);
	(void)decoder_each_exporter(p->dec, log_peer, &i);
	log_limits(p->dec);
	log_flows(c, logs, n);
	if (c->unforwarded > 0)
		log_info("forwarder: not taken:%llu", (ull)c->unforwarded);
	for (size_t k = 0; k < n; k++)
		log_log(&logs[k]);
}
