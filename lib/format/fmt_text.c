/*
 * Classic text: one line a flow, as flowd-reader has always printed it.
 *
 *	FLOW tag 7 recv_time ... src [10.1.2.3]:40000 ... octets 3456
 *
 * Every item ends in a space, so every line does. An address stands in
 * brackets, a port is shown only behind one. Numbers of interfaces are signed
 * and microseconds have five digits at least, as scripts know them.
 */
#include "format.h"

static char *
text_put(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

#define PUT(p, literal) \
	(memcpy((p), (literal), sizeof(literal) - 1), \
	    (p) + sizeof(literal) - 1)

static char *
put_addr(char *p, const char *word, const struct addr *a)
{
	p = text_put(p, word);
	*p++ = '[';
	p += addr_format(a, p);
	*p++ = ']';
	return p;
}

/* " src [A]:PORT " */
static char *
put_endpoint(char *p, const char *word, const struct addr *a, bool has_port,
    uint16_t port)
{
	p = put_addr(p, word, a);
	if (has_port) {
		*p++ = ':';
		p = text_u64(p, port);
	}
	*p++ = ' ';
	return p;
}

/* Milliseconds as an interval and the rest: 1h0s.250 */
static char *
put_uptime(char *p, uint32_t ms)
{
	p = text_interval(p, ms / 1000);
	*p++ = '.';
	return text_u64_pad(p, ms % 1000, 3);
}

/* Five digits, six if needed; signed, as the first flowd printed it. */
static char *
put_usec(char *p, uint32_t usec)
{
	int32_t v = (int32_t)usec;

	if (v >= 0)
		return text_u64_pad(p, (uint32_t)v, 5);
	*p++ = '-';
	return text_u64_pad(p, (uint32_t)-(int64_t)v, 4);
}

static char *
put_head(char *p, const struct classic *c, uint32_t show, struct clock *clock)
{
	if (show & CLASSIC_TAG) {
		p = PUT(p, "tag ");
		p = text_u64(p, c->tag);
		*p++ = ' ';
	}
	if (show & CLASSIC_RECV_TIME) {
		p = PUT(p, "recv_time ");
		p = text_time(p, clock, c->recv_sec);
		*p++ = '.';
		p = put_usec(p, c->recv_usec);
		*p++ = ' ';
	}
	if (show & CLASSIC_PROTO_FLAGS_TOS) {
		p = PUT(p, "proto ");
		p = text_u64(p, c->protocol);
		p = PUT(p, " tcpflags ");
		p = text_hex(p, c->tcp_flags, 2);
		p = PUT(p, " tos ");
		p = text_hex(p, c->tos, 2);
		*p++ = ' ';
	}
	return p;
}

static char *
put_addresses(char *p, const struct classic *c, uint32_t show)
{
	bool ports = show & CLASSIC_SRCDST_PORT;

	if (show & CLASSIC_AGENT_ADDR)
		p = put_endpoint(p, "agent ", &c->agent, false, 0);
	if (show & CLASSIC_SRC_ADDR)
		p = put_endpoint(p, "src ", &c->src, ports, c->src_port);
	if (show & CLASSIC_DST_ADDR)
		p = put_endpoint(p, "dst ", &c->dst, ports, c->dst_port);
	if (show & CLASSIC_GATEWAY_ADDR)
		p = put_endpoint(p, "gateway ", &c->gateway, false, 0);
	return p;
}

static char *
put_counters(char *p, const struct classic *c, uint32_t show)
{
	if (show & CLASSIC_PACKETS) {
		p = PUT(p, "packets ");
		p = text_u64(p, c->packets);
		*p++ = ' ';
	}
	if (show & CLASSIC_OCTETS) {
		p = PUT(p, "octets ");
		p = text_u64(p, c->octets);
		*p++ = ' ';
	}
	if (show & CLASSIC_IF_INDICES) {
		p = PUT(p, "in_if ");
		p = text_i64(p, (int32_t)c->if_in);
		p = PUT(p, " out_if ");
		p = text_i64(p, (int32_t)c->if_out);
		*p++ = ' ';
	}
	return p;
}

static char *
put_times(char *p, const struct classic *c, uint32_t show, struct clock *clock)
{
	if (show & CLASSIC_AGENT_INFO) {
		p = PUT(p, "sys_uptime_ms ");
		p = put_uptime(p, c->sys_uptime_ms);
		p = PUT(p, " time_sec ");
		p = text_time(p, clock, c->time_sec);
		p = PUT(p, " time_nanosec ");
		p = text_u64(p, c->time_nanosec);
		p = PUT(p, " netflow ver ");
		p = text_u64(p, c->netflow_version);
		*p++ = ' ';
	}
	if (show & CLASSIC_FLOW_TIMES) {
		p = PUT(p, "flow_start ");
		p = put_uptime(p, c->flow_start_ms);
		p = PUT(p, " flow_finish ");
		p = put_uptime(p, c->flow_finish_ms);
		*p++ = ' ';
	}
	return p;
}

static char *
put_tail(char *p, const struct classic *c, uint32_t show)
{
	if (show & CLASSIC_AS_INFO) {
		p = PUT(p, "src_AS ");
		p = text_u64(p, c->src_as);
		p = PUT(p, " src_masklen ");
		p = text_u64(p, c->src_mask);
		p = PUT(p, " dst_AS ");
		p = text_u64(p, c->dst_as);
		p = PUT(p, " dst_masklen ");
		p = text_u64(p, c->dst_mask);
		*p++ = ' ';
	}
	if (show & CLASSIC_FLOW_ENGINE_INFO) {
		p = PUT(p, "engine_type ");
		p = text_u64(p, c->engine_type);
		p = PUT(p, " engine_id ");
		p = text_u64(p, c->engine_id);
		p = PUT(p, " seq ");
		p = text_u64(p, c->sequence);
		p = PUT(p, " source ");
		p = text_u64(p, c->source_id);
		*p++ = ' ';
	}
	if (show & CLASSIC_CRC32) {
		p = PUT(p, "crc32 ");
		p = text_hex(p, c->crc32, 8);
		*p++ = ' ';
	}
	return p;
}

char *
format_text_line(char *p, const struct classic *c, uint32_t show,
    struct clock *clock)
{
	p = PUT(p, "FLOW ");
	p = put_head(p, c, show, clock);
	p = put_addresses(p, c, show);
	p = put_counters(p, c, show);
	p = put_times(p, c, show, clock);
	return put_tail(p, c, show);
}

static void
text_row(struct formatter *f, const struct batch *batch, size_t row,
    struct buf *out)
{
	char *line = (char *)buf_room(out, FORMAT_LINE_MAX), *p;
	struct classic c;
	uint32_t show;

	if (line == NULL)
		return;
	classic_load(batch, row, &c);
	show = c.fields & f->classic;
	/* Only flows from a log have a checksum. */
	if (!batch->from_log)
		show &= ~(uint32_t)CLASSIC_CRC32;
	p = format_text_line(line, &c, show, &f->clock);
	*p++ = '\n';
	out->len += (size_t)(p - line);
}

static void
text_rows(struct formatter *f, const struct batch *batch, struct buf *out)
{
	BITMAP_FOREACH(row, batch->selected, 0, batch->nrows)
		text_row(f, batch, row, out);
}

const struct format format_text = {
	.name = "text",
	.rows = text_rows,
};
