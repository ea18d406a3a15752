/* Flows as records of version 3 in memory; see include/flowd/compat.h. */
#include <arpa/inet.h>
#include <string.h>

#include "compat_error.h"
#include "compat_fields.h"
#include "compat_flow.h"
#include "endian_be.h"
#include "v3.h"

#define VERSION_SHIFT 5

int
store_calc_flow_len(const struct store_flow *hdr)
{
	return compat_fields_len(&compat_v3_layout, ntohl(hdr->fields));
}

int
compat_both_families(uint32_t fields, char *ebuf, int elen)
{
	static const struct {
		uint32_t both;
		const char *word;
	} places[] = {
		{ STORE_FIELD_AGENT_ADDR, "agent" },
		{ STORE_FIELD_SRC_ADDR, "src" },
		{ STORE_FIELD_DST_ADDR, "dst" },
		{ STORE_FIELD_GATEWAY_ADDR, "gateway" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if ((fields & places[i].both) == places[i].both)
			return compat_fail(ebuf, elen, -1,
			    "Flow has both v4/v6 %s addrs", places[i].word);
	return 0;
}

/* Why a record was refused, in the words of the first flowd. */
static int
refused(int code, const struct store_flow *hdr, const char *text, char *ebuf,
    int elen)
{
	uint32_t fields = ntohl(hdr->fields);
	unsigned minor = hdr->version & ((1 << VERSION_SHIFT) - 1);
	int both;

	if (code == FLOWD_EVERSION)
		return compat_fail(ebuf, elen, STORE_ERR_UNSUP_VERSION,
		    "Unsupported version");
	if (code == FLOWD_ECHECKSUM)
		return compat_fail(ebuf, elen, STORE_ERR_CRC_MISMATCH,
		    "Flow checksum mismatch");
	if (hdr->len_words * 4 > V3_BODY_MAX)
		return compat_fail(ebuf, elen, STORE_ERR_INTERNAL,
		    "store_get_flow: internal flow buffer too small "
		    "(flow is probably corrupt)");
	if (minor == 0 && (fields & ~STORE_FIELD_ALL) != 0)
		return compat_fail(ebuf, elen, -1, "Flow has unknown fields");
	both = compat_both_families(fields, ebuf, elen);
	return both != 0
	    ? both
	    : compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE, "%s", text);
}

int
store_flow_deserialise(const uint8_t *buf, int len,
    struct store_flow_complete *f, char *ebuf, int elen)
{
	struct flowd_error err = { .text = "record is cut" };
	struct store_flow hdr;
	struct classic c;
	uint32_t fields;
	int used;

	if (len < V3_HEAD)
		return compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE,
		    "record is shorter than its head");
	memcpy(&hdr, buf, sizeof(hdr));
	used = v3_decode(
	    (struct bytes) { .ptr = buf, .len = (size_t)len }, &c, &err);
	if (used < 0)
		return refused(used, &hdr, err.text, ebuf, elen);
	*f = (struct store_flow_complete) { .hdr = hdr };
	fields = ntohl(hdr.fields);
	(void)compat_fields_get(
	    &compat_v3_layout, buf + V3_HEAD, fields, f);
	if (fields & STORE_FIELD_CRC32)
		f->crc32.crc32 = htonl(c.crc32);
	return STORE_ERR_OK;
}

int
store_flow_serialise_masked(const struct store_flow_complete *f,
    uint32_t mask, uint8_t *buf, int buflen, int *flowlen, char *ebuf,
    int elen)
{
	uint32_t fields;
	uint8_t *end;
	int body;

	if (!compat_fields_choose(
		&compat_v3_layout, f, ntohl(f->hdr.fields), mask, &fields))
		return compat_fail(ebuf, elen, STORE_ERR_FLOW_INVALID,
		    "an address of the flow has no family");
	body = compat_fields_len(&compat_v3_layout, fields);
	if (buflen < V3_HEAD + body)
		return compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE,
		    "a record of %d octets does not fit in %d",
		    V3_HEAD + body, buflen);
	buf[0] = STORE_VERSION;
	buf[1] = (uint8_t)(body / 4);
	store_be16(buf + 2, 0);
	store_be32(buf + 4, fields);
	end = compat_fields_put(&compat_v3_layout, f, fields, buf + V3_HEAD);
	if (fields & STORE_FIELD_CRC32)
		store_be32(end, flowd_crc32(buf, (uint32_t)(end - buf)));
	if (flowlen != NULL)
		*flowlen = V3_HEAD + body;
	return STORE_ERR_OK;
}

int
store_flow_serialise(const struct store_flow_complete *f, uint8_t *buf,
    int buflen, int *flowlen, char *ebuf, int elen)
{
	return store_flow_serialise_masked(
	    f, STORE_FIELD_ALL, buf, buflen, flowlen, ebuf, elen);
}

/* --- Byte order --- */

uint64_t
store_ntohll(uint64_t v)
{
	uint8_t octets[sizeof(v)];

	memcpy(octets, &v, sizeof(v));
	return load_be64(octets);
}

uint64_t
store_htonll(uint64_t v)
{
	return store_ntohll(v);
}

/* Swapping is its own inverse, and nothing where orders are the same. */
void
store_swab_flow(struct store_flow_complete *f, int to_net)
{
	(void)to_net;
#define SWAP16(member) (f->member = htons(f->member))
#define SWAP32(member) (f->member = htonl(f->member))
#define SWAP64(member) (f->member = store_htonll(f->member))
	SWAP32(hdr.fields);
	SWAP16(hdr.reserved);
	SWAP32(tag.tag);
	SWAP32(recv_time.recv_sec);
	SWAP32(recv_time.recv_usec);
	SWAP16(ports.src_port);
	SWAP16(ports.dst_port);
	SWAP64(packets.flow_packets);
	SWAP64(octets.flow_octets);
	SWAP32(ifndx.if_index_in);
	SWAP32(ifndx.if_index_out);
	SWAP32(ainfo.sys_uptime_ms);
	SWAP32(ainfo.time_sec);
	SWAP32(ainfo.time_nanosec);
	SWAP16(ainfo.netflow_version);
	SWAP32(ftimes.flow_start);
	SWAP32(ftimes.flow_finish);
	SWAP32(asinf.src_as);
	SWAP32(asinf.dst_as);
	SWAP16(finf.engine_type);
	SWAP16(finf.engine_id);
	SWAP32(finf.flow_sequence);
	SWAP32(finf.source_id);
	SWAP32(crc32.crc32);
}
