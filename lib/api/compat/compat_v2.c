/* Logs of version 2; see include/flowd/compat.h. */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "compat_error.h"
#include "compat_fields.h"
#include "compat_flow.h"
#include "compat_io.h"
#include "endian_be.h"
#include "v2.h"

enum { RECORD_MAX = 256 };

/* --- The head of a file --- */

int
store_v2_get_header(
    int fd, struct store_v2_header *hdr, char *ebuf, int elen)
{
	ssize_t n = compat_read(fd, hdr, sizeof(*hdr));

	if (n == -1)
		return compat_fail_errno(ebuf, elen, STORE_ERR_IO, "read");
	if (n < (ssize_t)sizeof(*hdr))
		return compat_fail(ebuf, elen, STORE_ERR_EOF, "premature EOF");
	return STORE_ERR_OK;
}

int
store_v2_validate_header(
    const struct store_v2_header *hdr, char *ebuf, int elen)
{
	if (ntohl(hdr->magic) != STORE_V2_MAGIC)
		return compat_fail(
		    ebuf, elen, STORE_ERR_BAD_MAGIC, "Bad magic");
	if (ntohl(hdr->version) != STORE_V2_VERSION)
		return compat_fail(ebuf, elen, STORE_ERR_UNSUP_VERSION,
		    "Unsupported version");
	return STORE_ERR_OK;
}

int
store_v2_check_header(int fd, char *ebuf, int elen)
{
	struct store_v2_header hdr;
	int bad = store_v2_get_header(fd, &hdr, ebuf, elen);

	return bad != STORE_ERR_OK
	    ? bad
	    : store_v2_validate_header(&hdr, ebuf, elen);
}

int
store_v2_put_header(int fd, char *ebuf, int elen)
{
	const struct store_v2_header hdr = {
		.magic = htonl(STORE_V2_MAGIC),
		.version = htonl(STORE_V2_VERSION),
		.start_time = htonl((uint32_t)time(NULL)) };

	return store_put_buf(
	    fd, (const char *)&hdr, sizeof(hdr), ebuf, elen);
}

/* --- Records --- */

int
store_v2_calc_flow_len(const struct store_v2_flow *hdr)
{
	return compat_fields_len(&compat_v2_layout, ntohl(hdr->fields));
}

int
store_v2_flow_deserialise(const uint8_t *buf, int len,
    struct store_v2_flow_complete *f, char *ebuf, int elen)
{
	struct store_v2_flow hdr;
	const uint8_t *end;
	uint32_t fields;
	int body, both;

	if (len < (int)sizeof(hdr))
		return compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE,
		    "record is shorter than its head");
	memcpy(&hdr, buf, sizeof(hdr));
	fields = ntohl(hdr.fields);
	body = store_v2_calc_flow_len(&hdr);
	if (body == -1)
		return compat_fail(ebuf, elen, STORE_ERR_FLOW_INVALID,
		    "unsupported flow fields specified");
	if (len < (int)sizeof(hdr) + body)
		return compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE,
		    "record is shorter than its fields");
	both = compat_both_families(fields, ebuf, elen);
	if (both != 0)
		return both;
	*f = (struct store_v2_flow_complete) { .hdr = hdr };
	end = compat_fields_get(
	    &compat_v2_layout, buf + sizeof(hdr), fields, f);
	if (!(fields & STORE_FIELD_CRC32))
		return STORE_ERR_OK;
	memcpy(&f->crc32, end, sizeof(f->crc32));
	return ntohl(f->crc32.crc32) == flowd_crc32(buf, (uint32_t)(end - buf))
	    ? STORE_ERR_OK
	    : compat_fail(ebuf, elen, STORE_ERR_CRC_MISMATCH,
		  "Flow checksum mismatch");
}

/* With those fields that are in mask. */
static int
serialise(const struct store_v2_flow_complete *f, uint32_t mask,
    uint8_t *buf, int buflen, int *flowlen, char *ebuf, int elen)
{
	const int head = sizeof(f->hdr);
	uint32_t fields;
	uint8_t *end;
	int body;

	if (!compat_fields_choose(
		&compat_v2_layout, f, ntohl(f->hdr.fields), mask, &fields))
		return compat_fail(ebuf, elen, STORE_ERR_FLOW_INVALID,
		    "an address of the flow has no family");
	body = compat_fields_len(&compat_v2_layout, fields);
	if (buflen < head + body)
		return compat_fail(ebuf, elen, STORE_ERR_BUFFER_SIZE,
		    "a record of %d octets does not fit in %d", head + body,
		    buflen);
	store_be32(buf, fields);
	end = compat_fields_put(&compat_v2_layout, f, fields, buf + head);
	if (fields & STORE_FIELD_CRC32)
		store_be32(end, flowd_crc32(buf, (uint32_t)(end - buf)));
	if (flowlen != NULL)
		*flowlen = head + body;
	return STORE_ERR_OK;
}

int
store_v2_flow_serialise(const struct store_v2_flow_complete *f, uint8_t *buf,
    int buflen, int *flowlen, char *ebuf, int elen)
{
	return serialise(
	    f, STORE_FIELD_ALL, buf, buflen, flowlen, ebuf, elen);
}

int
store_v2_get_flow(
    int fd, struct store_v2_flow_complete *f, char *ebuf, int elen)
{
	uint8_t record[RECORD_MAX];
	struct store_v2_flow hdr;
	ssize_t head = compat_read(fd, &hdr, sizeof(hdr)), n = 0;
	int body = 0;

	if (head == (ssize_t)sizeof(hdr)) {
		memcpy(record, &hdr, sizeof(hdr));
		body = store_v2_calc_flow_len(&hdr);
		if (body == -1)
			return store_v2_flow_deserialise(
			    record, sizeof(record), f, ebuf, elen);
		n = compat_read(fd, record + sizeof(hdr), (size_t)body);
	}
	if (head == -1 || n == -1)
		return compat_fail_errno(ebuf, elen, STORE_ERR_IO, "read");
	if (head < (ssize_t)sizeof(hdr) || n < body) {
		compat_unread(fd, (size_t)(head + n));
		return compat_fail(
		    ebuf, elen, STORE_ERR_EOF, "end of the log");
	}
	return store_v2_flow_deserialise(
	    record, (int)(head + n), f, ebuf, elen);
}

int
store_v2_put_flow(int fd, const struct store_v2_flow_complete *flow,
    uint32_t fieldmask, char *ebuf, int elen)
{
	uint8_t record[RECORD_MAX];
	int len = 0, bad;

	bad = serialise(
	    flow, fieldmask, record, sizeof(record), &len, ebuf, elen);
	return bad != STORE_ERR_OK
	    ? bad
	    : store_put_buf(fd, (const char *)record, len, ebuf, elen);
}

/* Members that both versions have are copied, the others widened. */
int
store_v2_flow_convert(
    const struct store_v2_flow_complete *fv2, struct store_flow_complete *f)
{
	struct store_flow hdr = { .version = STORE_VERSION,
		.fields = fv2->hdr.fields };
	int body = store_calc_flow_len(&hdr);

	if (body == -1)
		return STORE_ERR_FLOW_INVALID;
	hdr.len_words = (uint8_t)(body / 4);
	*f = (struct store_flow_complete) { .hdr = hdr,
		.tag = fv2->tag,
		.recv_time = { .recv_sec = fv2->recv_time.recv_secs },
		.pft = fv2->pft,
		.agent_addr = fv2->agent_addr,
		.src_addr = fv2->src_addr,
		.dst_addr = fv2->dst_addr,
		.gateway_addr = fv2->gateway_addr,
		.ports = fv2->ports,
		.packets = fv2->packets,
		.octets = fv2->octets,
		.ifndx = { htonl(ntohs(fv2->ifndx.if_index_in)),
		    htonl(ntohs(fv2->ifndx.if_index_out)) },
		.ainfo = fv2->ainfo,
		.ftimes = fv2->ftimes,
		.asinf = { .src_as = htonl(ntohs(fv2->asinf.src_as)),
		    .dst_as = htonl(ntohs(fv2->asinf.dst_as)),
		    .src_mask = fv2->asinf.src_mask,
		    .dst_mask = fv2->asinf.dst_mask },
		.finf = { .engine_type = htons(fv2->finf.engine_type),
		    .engine_id = htons(fv2->finf.engine_id),
		    .flow_sequence = fv2->finf.flow_sequence },
		.crc32 = fv2->crc32 };
	return STORE_ERR_OK;
}
