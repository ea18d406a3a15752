/* Writing captures; see pcap_writer.h. */
#include <string.h>

#include "pcap_writer.h"

enum {
	FILE_HEADER = 24,
	PACKET_HEADER = 16,
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	UDP_HEADER = 8,
	IP_LENGTH_MAX = 65535,
	SNAPSHOT = 65535 + IP6_HEADER,
	LINKTYPE_RAW = 101,
	TIME_TO_LIVE = 64,
	PROTOCOL_UDP = 17
};

static int
pcap_writer_fail(const struct pcap_writer *out, struct flowd_error *err)
{
	return flowd_fail_errno(err, "%s", out->name);
}

static int
pcap_writer_put(struct pcap_writer *out, const void *data, size_t len,
    struct flowd_error *err)
{
	if (fwrite(data, 1, len, out->file) != len)
		return pcap_writer_fail(out, err);
	return 0;
}

int
pcap_writer_open(
    struct pcap_writer *out, const char *path, struct flowd_error *err)
{
	uint8_t head[FILE_HEADER] = { 0 };

	out->name = path;
	out->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	if (out->file == NULL)
		return pcap_writer_fail(out, err);
	store_be32(head, 0xa1b23c4d); /* nanoseconds */
	store_be16(head + 4, 2);
	store_be16(head + 6, 4);
	store_be32(head + 16, SNAPSHOT);
	store_be32(head + 20, LINKTYPE_RAW);
	return pcap_writer_put(out, head, sizeof(head), err);
}

int
pcap_writer_close(struct pcap_writer *out, struct flowd_error *err)
{
	int bad = 0;

	if (out->file == NULL)
		return 0;
	if (ferror(out->file) || fflush(out->file) != 0)
		bad = pcap_writer_fail(out, err);
	if (out->file != stdout && fclose(out->file) != 0 && bad == 0)
		bad = pcap_writer_fail(out, err);
	out->file = NULL;
	return bad;
}

/* The sum of 16-bit words (RFC 1071), not yet folded. */
static uint32_t
sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum += load_be16(p);
	return len == 1 ? sum + ((uint32_t)*p << 8) : sum;
}

static uint16_t
fold16(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
store_udp(uint8_t *p, const struct outgoing *d, uint32_t addresses_sum)
{
	uint16_t len = (uint16_t)(UDP_HEADER + d->payload.len), sum;

	store_be16(p, d->src_port);
	store_be16(p + 2, d->dst_port);
	store_be16(p + 4, len);
	store_be16(p + 6, 0);
	sum = fold16(sum16(d->payload.ptr, d->payload.len,
	    sum16(p, UDP_HEADER, addresses_sum + PROTOCOL_UDP + len)));
	/* 0 would mean that there is no checksum. */
	store_be16(p + 6, sum != 0 ? sum : 0xffff);
}

static size_t
store_ip4(uint8_t *p, const struct outgoing *d)
{
	memset(p, 0, IP4_HEADER);
	p[0] = 4 << 4 | IP4_HEADER / 4;
	store_be16(p + 2, (uint16_t)(IP4_HEADER + UDP_HEADER + d->payload.len));
	p[8] = TIME_TO_LIVE;
	p[9] = PROTOCOL_UDP;
	store_be32(p + 12, d->src.v4);
	store_be32(p + 16, d->dst.v4);
	store_be16(p + 10, fold16(sum16(p, IP4_HEADER, 0)));
	store_udp(p + IP4_HEADER, d, sum16(p + 12, 8, 0));
	return IP4_HEADER + UDP_HEADER;
}

static size_t
store_ip6(uint8_t *p, const struct outgoing *d)
{
	store_be32(p, UINT32_C(6) << 28);
	store_be16(p + 4, (uint16_t)(UDP_HEADER + d->payload.len));
	p[6] = PROTOCOL_UDP;
	p[7] = TIME_TO_LIVE;
	addr6_store(p + 8, d->src.v6);
	addr6_store(p + 24, d->dst.v6);
	store_udp(p + IP6_HEADER, d, sum16(p + 8, 32, 0));
	return IP6_HEADER + UDP_HEADER;
}

int
pcap_writer_write(struct pcap_writer *out, const struct outgoing *d,
    struct flowd_error *err)
{
	uint8_t head[PACKET_HEADER + IP6_HEADER + UDP_HEADER];
	bool is6 = d->src.family == ADDR_V6;
	size_t len;

	if (UDP_HEADER + d->payload.len + (is6 ? 0 : IP4_HEADER) >
	    IP_LENGTH_MAX)
		return flowd_fail(err, FLOWD_ERANGE,
		    "%s: a datagram of %zu octets does not fit into a packet",
		    out->name, d->payload.len);
	len = is6 ? store_ip6(head + PACKET_HEADER, d)
		  : store_ip4(head + PACKET_HEADER, d);
	store_be32(head, (uint32_t)(d->time_ns / 1000000000));
	store_be32(head + 4, (uint32_t)(d->time_ns % 1000000000));
	store_be32(head + 8, (uint32_t)(len + d->payload.len));
	store_be32(head + 12, (uint32_t)(len + d->payload.len));
	if (pcap_writer_put(out, head, PACKET_HEADER + len, err) != 0)
		return FLOWD_EIO;
	return pcap_writer_put(out, d->payload.ptr, d->payload.len, err);
}
