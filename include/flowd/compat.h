/*
 * The names of the C library of the first flowd (2004 to 2014), so that
 * programs written for it compile: store_*, addr_*, flowd_crc32*.
 *
 *	#include <flowd/compat.h>
 *
 *	while ((r = store_get_flow(fd, &flow, ebuf, sizeof(ebuf))) ==
 *	    STORE_ERR_OK) {
 *		store_format_flow(&flow, line, sizeof(line), 1,
 *		    STORE_DISPLAY_BRIEF, 0);
 *		puts(line);
 *	}
 *
 * Sources keep working, binaries do not: the functions have the prefix
 * flowd_compat_ in the library, and macros give them their names. A program
 * that reads logs of version 4 or captures uses <flowd/scan.h> instead; both
 * may be used by one program.
 *
 * Members of flows are in network byte order unless store_swab_flow() changed
 * that; addresses always are. Functions return one of STORE_ERR_*, and on
 * failure put a text into ebuf, of elen octets; ebuf may be NULL. Functions of
 * addresses return 0 for success or "yes", -1 for failure or "no". See
 * flowd_compat(3); the formats are in flowd-log(5).
 */
#ifndef LIBFLOWD_COMPAT_H
#define LIBFLOWD_COMPAT_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Addresses --- */

struct xaddr {
	sa_family_t af; /* AF_INET, AF_INET6; AF_UNSPEC: none */
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t addr8[16];
		uint16_t addr16[8];
		uint32_t addr32[4];
	};
	uint32_t scope_id; /* of IPv6 */
};

/* 32 or 128; -1 for another family. */
int flowd_compat_addr_unicast_masklen(int af);
/* len: the room of sa before, what is used of it after; port in host order. */
int flowd_compat_addr_xaddr_to_sa(const struct xaddr *xa, struct sockaddr *sa,
    socklen_t *len, uint16_t port);
int flowd_compat_addr_sa_to_xaddr(
    const struct sockaddr *sa, socklen_t slen, struct xaddr *xa);
/* The mask of l bits, and its inverse. */
int flowd_compat_addr_netmask(int af, unsigned l, struct xaddr *n);
int flowd_compat_addr_hostmask(int af, unsigned l, struct xaddr *n);
int flowd_compat_addr_invert(struct xaddr *n);
/* Numeric text only; n and l may be NULL. */
int flowd_compat_addr_pton(const char *p, struct xaddr *n);
int flowd_compat_addr_sa_pton(
    const char *h, const char *s, struct sockaddr *sa, socklen_t slen);
/* ADDR or ADDR/LEN; host bits must be 0. -2: they are not. */
int flowd_compat_addr_pton_cidr(const char *p, struct xaddr *n, unsigned *l);
int flowd_compat_addr_ntop(const struct xaddr *n, char *p, size_t len);
int flowd_compat_addr_sa_ntop(const struct sockaddr *sa, socklen_t slen,
    char *h, size_t hlen, char *p, size_t plen);
/* The text, in a buffer of the thread that the next call overwrites. */
const char *flowd_compat_addr_ntop_buf(const struct xaddr *a);
int flowd_compat_addr_and(
    struct xaddr *dst, const struct xaddr *a, const struct xaddr *b);
int flowd_compat_addr_or(
    struct xaddr *dst, const struct xaddr *a, const struct xaddr *b);
/* Less than 0, 0 or more, as memcmp(); by family first. */
int flowd_compat_addr_cmp(const struct xaddr *a, const struct xaddr *b);
int flowd_compat_addr_is_all0s(const struct xaddr *n);
int flowd_compat_addr_host_is_all0s(const struct xaddr *n, unsigned masklen);
int flowd_compat_addr_host_is_all1s(const struct xaddr *n, unsigned masklen);
int flowd_compat_addr_host_to_all0s(struct xaddr *a, unsigned masklen);
int flowd_compat_addr_host_to_all1s(struct xaddr *a, unsigned masklen);
int flowd_compat_addr_netmatch(const struct xaddr *host,
    const struct xaddr *net, unsigned masklen);

/* --- The checksum of records --- */

void flowd_compat_crc32_start(uint32_t *crcp);
void flowd_compat_crc32_update(
    const uint8_t *buf, uint32_t len, uint32_t *crcp);
uint32_t flowd_compat_crc32(const uint8_t *buf, uint32_t len);

/* --- Flows --- */

#define STORE_FIELD_TAG			(1U << 0)
#define STORE_FIELD_RECV_TIME		(1U << 1)
#define STORE_FIELD_PROTO_FLAGS_TOS	(1U << 2)
#define STORE_FIELD_AGENT_ADDR4		(1U << 3)
#define STORE_FIELD_AGENT_ADDR6		(1U << 4)
#define STORE_FIELD_SRC_ADDR4		(1U << 5)
#define STORE_FIELD_SRC_ADDR6		(1U << 6)
#define STORE_FIELD_DST_ADDR4		(1U << 7)
#define STORE_FIELD_DST_ADDR6		(1U << 8)
#define STORE_FIELD_GATEWAY_ADDR4	(1U << 9)
#define STORE_FIELD_GATEWAY_ADDR6	(1U << 10)
#define STORE_FIELD_SRCDST_PORT		(1U << 11)
#define STORE_FIELD_PACKETS		(1U << 12)
#define STORE_FIELD_OCTETS		(1U << 13)
#define STORE_FIELD_IF_INDICES		(1U << 14)
#define STORE_FIELD_AGENT_INFO		(1U << 15)
#define STORE_FIELD_FLOW_TIMES		(1U << 16)
#define STORE_FIELD_AS_INFO		(1U << 17)
#define STORE_FIELD_FLOW_ENGINE_INFO	(1U << 18)
#define STORE_FIELD_CRC32		(1U << 30)
#define STORE_FIELD_RESERVED		(1U << 31)
#define STORE_FIELD_ALL			0x4007ffffU

#define STORE_FIELD_AGENT_ADDR \
	(STORE_FIELD_AGENT_ADDR4 | STORE_FIELD_AGENT_ADDR6)
#define STORE_FIELD_SRC_ADDR	(STORE_FIELD_SRC_ADDR4 | STORE_FIELD_SRC_ADDR6)
#define STORE_FIELD_DST_ADDR	(STORE_FIELD_DST_ADDR4 | STORE_FIELD_DST_ADDR6)
#define STORE_FIELD_SRCDST_ADDR	(STORE_FIELD_SRC_ADDR | STORE_FIELD_DST_ADDR)
#define STORE_FIELD_GATEWAY_ADDR \
	(STORE_FIELD_GATEWAY_ADDR4 | STORE_FIELD_GATEWAY_ADDR6)

#define STORE_DISPLAY_ALL		STORE_FIELD_ALL
#define STORE_DISPLAY_BRIEF		0x39ffU

#define STORE_VER_MAJOR			3
#define STORE_VER_MINOR			0
#define STORE_VERSION \
	((STORE_VER_MAJOR << 5) | STORE_VER_MINOR)

#define STORE_ERR_OK			0x00
#define STORE_ERR_EOF			0x01 /* or a record that is cut */
#define STORE_ERR_BAD_MAGIC		0x02
#define STORE_ERR_UNSUP_VERSION		0x03
#define STORE_ERR_BUFFER_SIZE		0x04
#define STORE_ERR_FLOW_INVALID		0x05
#define STORE_ERR_CRC_MISMATCH		0x06
#define STORE_ERR_INTERNAL		0x07
#define STORE_ERR_IO			0x08
#define STORE_ERR_IO_SEEK		0x09
#define STORE_ERR_CORRUPT		0x10 /* a record is written in part */

struct store_flow {
	uint8_t version; /* STORE_VERSION */
	uint8_t len_words; /* words of 32 bits behind this head */
	uint16_t reserved;
	uint32_t fields; /* STORE_FIELD_* */
};
struct store_flow_TAG {
	uint32_t tag;
};
struct store_flow_RECV_TIME {
	uint32_t recv_sec;
	uint32_t recv_usec;
};
struct store_flow_PROTO_FLAGS_TOS {
	uint8_t tcp_flags;
	uint8_t protocol;
	uint8_t tos;
	uint8_t pad;
};
struct store_flow_SRCDST_PORT {
	uint16_t src_port;
	uint16_t dst_port;
};
struct store_flow_PACKETS {
	uint64_t flow_packets;
} __attribute__((packed, aligned(4)));
struct store_flow_OCTETS {
	uint64_t flow_octets;
} __attribute__((packed, aligned(4)));
struct store_flow_IF_INDICES {
	uint32_t if_index_in;
	uint32_t if_index_out;
};
struct store_flow_AGENT_INFO {
	uint32_t sys_uptime_ms;
	uint32_t time_sec;
	uint32_t time_nanosec;
	uint16_t netflow_version;
	uint16_t pad;
};
struct store_flow_FLOW_TIMES { /* ms of the uptime of the exporter */
	uint32_t flow_start;
	uint32_t flow_finish;
};
struct store_flow_AS_INFO {
	uint32_t src_as;
	uint32_t dst_as;
	uint8_t src_mask;
	uint8_t dst_mask;
	uint16_t pad;
};
struct store_flow_FLOW_ENGINE_INFO {
	uint16_t engine_type;
	uint16_t engine_id;
	uint32_t flow_sequence;
	uint32_t source_id;
};
struct store_flow_CRC32 {
	uint32_t crc32;
};

/* A flow; members whose field is not in hdr.fields have no meaning. */
struct store_flow_complete {
	struct store_flow hdr;
	struct store_flow_TAG tag;
	struct store_flow_RECV_TIME recv_time;
	struct store_flow_PROTO_FLAGS_TOS pft;
	struct xaddr agent_addr;
	struct xaddr src_addr;
	struct xaddr dst_addr;
	struct xaddr gateway_addr;
	struct store_flow_SRCDST_PORT ports;
	struct store_flow_PACKETS packets;
	struct store_flow_OCTETS octets;
	struct store_flow_IF_INDICES ifndx;
	struct store_flow_AGENT_INFO ainfo;
	struct store_flow_FLOW_TIMES ftimes;
	struct store_flow_AS_INFO asinf;
	struct store_flow_FLOW_ENGINE_INFO finf;
	struct store_flow_CRC32 crc32;
};

/*
 * Read the next record. STORE_ERR_EOF at the end, and where a record is cut:
 * a descriptor that can seek then is at the head of that record again, so that
 * a log that grows can be read on.
 */
int flowd_compat_store_get_flow(
    int fd, struct store_flow_complete *f, char *ebuf, int elen);
int flowd_compat_store_read_flow(
    FILE *f, struct store_flow_complete *flow, char *ebuf, int elen);
/*
 * Write a record with those fields of the flow that are in the mask. When a
 * write to a descriptor fails, the file is cut behind the last whole record;
 * STORE_ERR_CORRUPT: that failed, too.
 */
int flowd_compat_store_put_flow(int fd,
    const struct store_flow_complete *flow, uint32_t fieldmask, char *ebuf,
    int elen);
int flowd_compat_store_put_buf(
    int fd, const char *buf, int len, char *ebuf, int elen);
int flowd_compat_store_write_flow(FILE *f,
    const struct store_flow_complete *flow, uint32_t fieldmask, char *ebuf,
    int elen);

/* A record in memory, with its head. */
int flowd_compat_store_flow_deserialise(const uint8_t *buf, int len,
    struct store_flow_complete *f, char *ebuf, int elen);
int flowd_compat_store_flow_serialise(const struct store_flow_complete *f,
    uint8_t *buf, int buflen, int *flowlen, char *ebuf, int elen);
int flowd_compat_store_flow_serialise_masked(
    const struct store_flow_complete *f, uint32_t mask, uint8_t *buf,
    int buflen, int *flowlen, char *ebuf, int elen);
/* Octets of the fields of a head; -1: it has unknown ones. */
int flowd_compat_store_calc_flow_len(const struct store_flow *hdr);

/* A line without its end; hostorder: the flow was swapped. */
void flowd_compat_store_format_flow(const struct store_flow_complete *flow,
    char *buf, size_t len, int utc_flag, uint32_t display_mask,
    int hostorder);
void flowd_compat_store_format_flow_flowtools_csv(
    const struct store_flow_complete *flow, char *buf, size_t len,
    int utc_flag, uint32_t display_mask, int hostorder);
/* Numbers of a flow to network order, or to the host's. */
void flowd_compat_store_swab_flow(
    struct store_flow_complete *flow, int to_net);

/* Texts, in buffers of the thread that the next call overwrites. */
const char *flowd_compat_iso_time(time_t t, int utc_flag);
const char *flowd_compat_interval_time(time_t t);

uint64_t flowd_compat_store_ntohll(uint64_t v);
uint64_t flowd_compat_store_htonll(uint64_t v);

/* --- Logs of version 2 --- */

#define STORE_V2_MAGIC		0x012cf047U
#define STORE_V2_VERSION	2

struct store_v2_header {
	uint32_t magic;
	uint32_t version;
	uint32_t start_time; /* s since 1970 */
	uint32_t flags;
};
struct store_v2_flow {
	uint32_t fields;
};
struct store_v2_flow_RECV_TIME {
	uint32_t recv_secs;
};
struct store_v2_flow_IF_INDICES {
	uint16_t if_index_in;
	uint16_t if_index_out;
};
struct store_v2_flow_AS_INFO {
	uint16_t src_as;
	uint16_t dst_as;
	uint8_t src_mask;
	uint8_t dst_mask;
	uint16_t pad;
};
struct store_v2_flow_FLOW_ENGINE_INFO {
	uint8_t engine_type;
	uint8_t engine_id;
	uint16_t pad;
	uint32_t flow_sequence;
};
struct store_v2_flow_complete {
	struct store_v2_flow hdr;
	struct store_flow_TAG tag;
	struct store_v2_flow_RECV_TIME recv_time;
	struct store_flow_PROTO_FLAGS_TOS pft;
	struct xaddr agent_addr;
	struct xaddr src_addr;
	struct xaddr dst_addr;
	struct xaddr gateway_addr;
	struct store_flow_SRCDST_PORT ports;
	struct store_flow_PACKETS packets;
	struct store_flow_OCTETS octets;
	struct store_v2_flow_IF_INDICES ifndx;
	struct store_flow_AGENT_INFO ainfo;
	struct store_flow_FLOW_TIMES ftimes;
	struct store_v2_flow_AS_INFO asinf;
	struct store_v2_flow_FLOW_ENGINE_INFO finf;
	struct store_flow_CRC32 crc32;
};

/* The head of a file, in network order; check reads and validates it. */
int flowd_compat_store_v2_get_header(
    int fd, struct store_v2_header *hdr, char *ebuf, int elen);
int flowd_compat_store_v2_validate_header(
    const struct store_v2_header *hdr, char *ebuf, int elen);
int flowd_compat_store_v2_check_header(int fd, char *ebuf, int elen);
int flowd_compat_store_v2_put_header(int fd, char *ebuf, int elen);

/* As the functions of version 3 of such names. */
int flowd_compat_store_v2_get_flow(
    int fd, struct store_v2_flow_complete *f, char *ebuf, int elen);
int flowd_compat_store_v2_put_flow(int fd,
    const struct store_v2_flow_complete *flow, uint32_t fieldmask,
    char *ebuf, int elen);
int flowd_compat_store_v2_calc_flow_len(const struct store_v2_flow *hdr);
int flowd_compat_store_v2_flow_serialise(
    const struct store_v2_flow_complete *f, uint8_t *buf, int buflen,
    int *flowlen, char *ebuf, int elen);
int flowd_compat_store_v2_flow_deserialise(const uint8_t *buf, int len,
    struct store_v2_flow_complete *f, char *ebuf, int elen);
/* To version 3: microseconds and source_id are 0, crc32 stays. */
int flowd_compat_store_v2_flow_convert(
    const struct store_v2_flow_complete *fv2, struct store_flow_complete *f);

#ifdef __cplusplus
}
#endif

/* The names that programs use. */
#define addr_and flowd_compat_addr_and
#define addr_cmp flowd_compat_addr_cmp
#define addr_host_is_all0s flowd_compat_addr_host_is_all0s
#define addr_host_is_all1s flowd_compat_addr_host_is_all1s
#define addr_host_to_all0s flowd_compat_addr_host_to_all0s
#define addr_host_to_all1s flowd_compat_addr_host_to_all1s
#define addr_hostmask flowd_compat_addr_hostmask
#define addr_invert flowd_compat_addr_invert
#define addr_is_all0s flowd_compat_addr_is_all0s
#define addr_netmask flowd_compat_addr_netmask
#define addr_netmatch flowd_compat_addr_netmatch
#define addr_ntop flowd_compat_addr_ntop
#define addr_ntop_buf flowd_compat_addr_ntop_buf
#define addr_or flowd_compat_addr_or
#define addr_pton flowd_compat_addr_pton
#define addr_pton_cidr flowd_compat_addr_pton_cidr
#define addr_sa_ntop flowd_compat_addr_sa_ntop
#define addr_sa_pton flowd_compat_addr_sa_pton
#define addr_sa_to_xaddr flowd_compat_addr_sa_to_xaddr
#define addr_unicast_masklen flowd_compat_addr_unicast_masklen
#define addr_xaddr_to_sa flowd_compat_addr_xaddr_to_sa
#define flowd_crc32 flowd_compat_crc32
#define flowd_crc32_start flowd_compat_crc32_start
#define flowd_crc32_update flowd_compat_crc32_update
#define interval_time flowd_compat_interval_time
#define iso_time flowd_compat_iso_time
#define store_calc_flow_len flowd_compat_store_calc_flow_len
#define store_flow_deserialise flowd_compat_store_flow_deserialise
#define store_flow_serialise flowd_compat_store_flow_serialise
#define store_flow_serialise_masked flowd_compat_store_flow_serialise_masked
#define store_format_flow flowd_compat_store_format_flow
#define store_format_flow_flowtools_csv \
	flowd_compat_store_format_flow_flowtools_csv
#define store_get_flow flowd_compat_store_get_flow
#define store_htonll flowd_compat_store_htonll
#define store_ntohll flowd_compat_store_ntohll
#define store_put_buf flowd_compat_store_put_buf
#define store_put_flow flowd_compat_store_put_flow
#define store_read_flow flowd_compat_store_read_flow
#define store_swab_flow flowd_compat_store_swab_flow
#define store_v2_calc_flow_len flowd_compat_store_v2_calc_flow_len
#define store_v2_check_header flowd_compat_store_v2_check_header
#define store_v2_flow_convert flowd_compat_store_v2_flow_convert
#define store_v2_flow_deserialise flowd_compat_store_v2_flow_deserialise
#define store_v2_flow_serialise flowd_compat_store_v2_flow_serialise
#define store_v2_get_flow flowd_compat_store_v2_get_flow
#define store_v2_get_header flowd_compat_store_v2_get_header
#define store_v2_put_flow flowd_compat_store_v2_put_flow
#define store_v2_put_header flowd_compat_store_v2_put_header
#define store_v2_validate_header flowd_compat_store_v2_validate_header
#define store_write_flow flowd_compat_store_write_flow

#endif
