/*
 * The classic view of a flow: the fields of a record of a log of version 3,
 * which are also what classic text prints, see flowd-log(5). Times are on the
 * scale of the exporter's uptime there. It is what programs of the first flowd
 * know; columns have more, and are faster.
 */
#ifndef LIBFLOWD_CLASSIC_H
#define LIBFLOWD_CLASSIC_H

#include <flowd/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of the fields; that of an address says its family, too. */
enum flowd_field {
	FLOWD_FIELD_TAG = 1 << 0,
	FLOWD_FIELD_RECV_TIME = 1 << 1,
	FLOWD_FIELD_PROTO_FLAGS_TOS = 1 << 2,
	FLOWD_FIELD_AGENT_ADDR4 = 1 << 3,
	FLOWD_FIELD_AGENT_ADDR6 = 1 << 4,
	FLOWD_FIELD_SRC_ADDR4 = 1 << 5,
	FLOWD_FIELD_SRC_ADDR6 = 1 << 6,
	FLOWD_FIELD_DST_ADDR4 = 1 << 7,
	FLOWD_FIELD_DST_ADDR6 = 1 << 8,
	FLOWD_FIELD_GATEWAY_ADDR4 = 1 << 9,
	FLOWD_FIELD_GATEWAY_ADDR6 = 1 << 10,
	FLOWD_FIELD_SRCDST_PORT = 1 << 11,
	FLOWD_FIELD_PACKETS = 1 << 12,
	FLOWD_FIELD_OCTETS = 1 << 13,
	FLOWD_FIELD_IF_INDICES = 1 << 14,
	FLOWD_FIELD_AGENT_INFO = 1 << 15,
	FLOWD_FIELD_FLOW_TIMES = 1 << 16,
	FLOWD_FIELD_AS_INFO = 1 << 17,
	FLOWD_FIELD_FLOW_ENGINE_INFO = 1 << 18,
	FLOWD_FIELD_CRC32 = 1 << 30
};

enum {
	FLOWD_RECORD_VERSION = 3 << 5, /* first octet of a record */
	FLOWD_RECORD_HEAD = 8,	/* octets in front of the fields */
	FLOWD_RECORD_MAX = 512	/* octets of the longest record */
};

/* Numbers are in the order of the machine. */
struct flowd_classic {
	uint32_t fields;	/* enum flowd_field: which are present */
	uint32_t tag;
	uint32_t recv_sec, recv_usec;
	struct flowd_addr agent_addr, src_addr, dst_addr, gateway_addr;
	uint64_t packets, octets;
	uint32_t if_index_in, if_index_out;
	uint32_t sys_uptime_ms, time_sec, time_nanosec;
	uint32_t flow_start, flow_finish; /* uptime of the exporter, in ms */
	uint32_t src_as, dst_as;
	uint32_t flow_sequence, source_id;
	uint32_t crc32;		/* as it was read; written anew */
	uint16_t src_port, dst_port;
	uint16_t netflow_version;
	uint16_t engine_type, engine_id;
	uint8_t tcp_flags, protocol, tos;
	uint8_t src_mask, dst_mask;
	uint8_t reserved;	/* 0 */
};

/*
 * The classic view of a row. What the flow does not have is 0. Absolute flow
 * times without uptimes are put on a scale of uptime, as a log of version 3 has
 * them. Returns 0, or FLOWD_EINVAL when there is no such row.
 */
int flowd_classic_load(
    const struct flowd_batch *b, size_t row, struct flowd_classic *c);

/*
 * Append a row with the fields of c to a batch that has all columns, and either
 * no row or only such ones: it prints, and is written, as the record that c is.
 * An address counts for the family that it has. Returns the number of the row;
 * FLOWD_EINVAL when it is another batch, or somebody else has a reference to
 * it; or FLOWD_ERANGE when it is full.
 */
int flowd_classic_append(
    struct flowd_batch *b, const struct flowd_classic *c);

/*
 * Read the record at the start of some octets, which are not trusted. Returns
 * its length; FLOWD_EOF when it is not whole; or FLOWD_EVERSION,
 * FLOWD_ECHECKSUM or FLOWD_EFORMAT, with err set. What is not present is 0.
 */
int flowd_classic_decode(const void *octets, size_t len,
    struct flowd_classic *c, struct flowd_error *err);

/*
 * Write the fields of c that are wanted, too, as a record, with its checksum if
 * that is one of them. An address counts for the family that it has. out has
 * room for FLOWD_RECORD_MAX octets. Returns the length, a multiple of 4; or
 * FLOWD_EINVAL when an address has no family that there is.
 */
int flowd_classic_encode(
    const struct flowd_classic *c, uint32_t wanted, void *out);

#ifdef __cplusplus
}
#endif

#endif
