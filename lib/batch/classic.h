/*
 * The classic view of a flow: the fields of a version 3 log record, which is
 * also what classic text and CSV print. Times are on the scale of the
 * exporter's uptime there; this is where they are converted.
 *
 * Test: test/unit/batch/test_classic.c.
 */
#ifndef FLOWD_CLASSIC_H
#define FLOWD_CLASSIC_H

#include "addr.h"
#include "batch.h"

struct classic {
	uint32_t fields;	/* enum classic_field: which are present */
	uint32_t tag;
	uint32_t recv_sec, recv_usec;
	uint8_t tcp_flags, protocol, tos;
	struct addr agent, src, dst, gateway;
	uint16_t src_port, dst_port;
	uint64_t packets, octets;
	uint32_t if_in, if_out;
	uint32_t sys_uptime_ms, time_sec, time_nanosec;
	uint16_t netflow_version;
	uint32_t flow_start_ms, flow_finish_ms;	/* exporter's uptime */
	uint32_t src_as, dst_as;
	uint8_t src_mask, dst_mask;
	uint16_t engine_type, engine_id;
	uint32_t sequence, source_id;
	uint32_t crc32;
};

/*
 * The classic view of one row. A field is present when any of its columns has
 * a value; missing ones of the field are 0. An address sets the bit of its
 * family only. CRC32 is present but in rows of a log that had none.
 *
 * Absolute flow times without uptimes are put on a scale of uptime made so
 * that uptime >= finish >= start, and agent time is moved forward to the end
 * of the flow where that is later: readers that compute
 * received - (uptime - finish), as OPNsense's does, keep the flow. A flow that
 * ended longer before its export than that scale reaches, 24.8 days, gets its
 * own end for the agent time. Uptimes of
 * flows in IPFIX get the uptime of the exporter that goes with them, moved
 * forward in the same way; in rows of a log everything is as it was stored.
 */
void classic_load(const struct batch *batch, size_t row, struct classic *c);

/*
 * Append a row with the fields of c; the caller has made sure of room. All
 * columns of a present field get a value. flow_start and flow_end are derived
 * when FLOW_TIMES and AGENT_INFO are present, but not for IPFIX with an uptime
 * of 0, as the first flowd stored it.
 */
void classic_append(struct batch *batch, const struct classic *c);
/* The same for n of them; fast where neighbours have the same fields. */
void classic_append_rows(struct batch *batch, const struct classic *c,
    size_t n);

#endif
