/*
 * Classic CSV with the fields of flow-import(1) of flow-tools: flowd-reader -c.
 *
 * Missing values are 0, also addresses: 0.0.0.0. (The first flowd printed the C
 * library's "(null)", which importers cannot read.)
 */
#include "format.h"

static void
flowtools_head(struct formatter *f, struct buf *out)
{
	(void)f;
	buf_append_text(out,
	    "#:unix_secs,unix_nsecs,sysuptime,exaddr,dpkts,doctets,first,last,"
	    "engine_type,engine_id,srcaddr,dstaddr,nexthop,input,output,"
	    "srcport,dstport,prot,tos,tcp_flags,src_mask,dst_mask,src_as,"
	    "dst_as\n");
}

static char *
put_number(char *p, uint64_t v)
{
	p = text_u64(p, v);
	*p++ = ',';
	return p;
}

static char *
put_addr(char *p, const struct addr *a)
{
	const struct addr none = addr_from_v4(0);

	p += addr_format(a->family != ADDR_NONE ? a : &none, p);
	*p++ = ',';
	return p;
}

char *
format_flowtools_line(char *p, const struct classic *c)
{
	p = put_number(p, c->time_sec);
	p = put_number(p, c->time_nanosec);
	p = put_number(p, c->sys_uptime_ms);
	p = put_addr(p, &c->agent);
	p = put_number(p, c->packets);
	p = put_number(p, c->octets);
	p = put_number(p, c->flow_start_ms);
	p = put_number(p, c->flow_finish_ms);
	p = put_number(p, c->engine_type);
	p = put_number(p, c->engine_id);
	p = put_addr(p, &c->src);
	p = put_addr(p, &c->dst);
	p = put_addr(p, &c->gateway);
	p = put_number(p, c->if_in);
	p = put_number(p, c->if_out);
	p = put_number(p, c->src_port);
	p = put_number(p, c->dst_port);
	p = put_number(p, c->protocol);
	p = put_number(p, c->tos);
	p = put_number(p, c->tcp_flags);
	p = put_number(p, c->src_mask);
	p = put_number(p, c->dst_mask);
	p = put_number(p, c->src_as);
	p = put_number(p, c->dst_as);
	return p - 1;
}

static void
flowtools_rows(struct formatter *f, const struct batch *batch,
    struct buf *out)
{
	(void)f;
	BITMAP_FOREACH(row, batch->selected, 0, batch->nrows) {
		char *line = (char *)buf_room(out, FORMAT_LINE_MAX), *end;
		struct classic c;

		if (line == NULL)
			return;
		classic_load(batch, row, &c);
		end = format_flowtools_line(line, &c);
		*end++ = '\n';
		out->len += (size_t)(end - line);
	}
}

const struct format format_flowtools = {
	.name = "flowtools",
	.head = flowtools_head,
	.rows = flowtools_rows,
};
