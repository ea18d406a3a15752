/*
 * Captures: from packets of libpcap to UDP datagrams; see capture.h.
 * Test: test/unit/capture/test_capture.c.
 */
#include <sys/types.h>
#include <inttypes.h>
#include <stdlib.h>

#include "capture.h"
#include "link.h"
#include "reassembly.h"

/* pcap.h uses BSD type names, which POSIX does not define. */
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
#include <pcap/pcap.h>

enum {
	UDP_HEADER = 8
};

struct capture {
	pcap_t *pcap;
	link_strip *strip;
	struct reassembly *reassembly;
	struct capture_counters counters;
	char name[128];
};

bool
capture_sniff(uint8_t first_octet)
{
	/*
	 * Magic numbers by their first octet; see pcap-savefile(5) and pcapng,
	 * 4.1.
	 */
	static const uint8_t ends[] = {
		0x0a,	/* pcapng */
		0xa1,	/* pcap, big-endian */
		0xd4,	/* pcap, little-endian, microseconds */
		0x4d,	/* the same, nanoseconds */
		0x34,	/* a patched libpcap */
	};

	for (size_t i = 0; i < sizeof(ends); i++)
		if (ends[i] == first_octet)
			return true;
	return false;
}

static int
open_pcap(struct capture *cap, FILE *file, struct flowd_error *err)
{
	char reason[PCAP_ERRBUF_SIZE];
	const char *layer;
	int dlt;

	cap->pcap = pcap_fopen_offline_with_tstamp_precision(file,
	    PCAP_TSTAMP_PRECISION_NANO, reason);
	if (cap->pcap == NULL) {
		(void)fclose(file);
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: not a capture that can be read: %s", cap->name,
		    reason);
	}
	dlt = pcap_datalink(cap->pcap);
	cap->strip = link_find(dlt);
	if (cap->strip != NULL)
		return 0;
	layer = pcap_datalink_val_to_name(dlt);
	return flowd_fail(err, FLOWD_EFORMAT,
	    "%s: the link layer %s (%d) is not known", cap->name,
	    layer != NULL ? layer : "without a name", dlt);
}

struct capture *
capture_open(FILE *file, const char *name, struct flowd_error *err)
{
	struct capture *cap = calloc(1, sizeof(*cap));

	if (cap == NULL) {
		(void)fclose(file);
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
		return NULL;
	}
	(void)snprintf(cap->name, sizeof(cap->name), "%s", name);
	if (open_pcap(cap, file, err) != 0) {
		capture_close(cap);
		return NULL;
	}
	cap->reassembly = reassembly_new(&cap->counters);
	if (cap->reassembly == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
		capture_close(cap);
		return NULL;
	}
	return cap;
}

void
capture_close(struct capture *cap)
{
	if (cap == NULL)
		return;
	if (cap->pcap != NULL)
		pcap_close(cap->pcap); /* closes the file */
	reassembly_free(cap->reassembly);
	free(cap);
}

static enum packet_fate
udp_parse(const struct ip_packet *p, struct capture_datagram *d)
{
	struct wire w;
	size_t len;

	wire_init(&w, p->payload);
	d->src = p->src;
	d->dst = p->dst;
	d->src_port = wire_u16(&w);
	d->dst_port = wire_u16(&w);
	len = wire_u16(&w);
	(void)wire_u16(&w); /* checksum */
	if (!wire_ok(&w) || len < UDP_HEADER)
		return PACKET_DAMAGED;
	d->payload = wire_bytes(&w, len - UDP_HEADER);
	return wire_ok(&w) ? PACKET_GOOD : PACKET_DAMAGED;
}

static enum packet_fate
packet_reassemble(struct capture *cap, struct ip_packet *p, int64_t time_ns)
{
	enum packet_fate fate;

	if (!p->fragment)
		return PACKET_GOOD;
	fate = reassembly_add(cap->reassembly, p, time_ns);
	if (fate != PACKET_GOOD || p->src.family == ADDR_V4)
		return fate;
	return ip_strip_extensions(p);
}

static enum packet_fate
frame_parse(struct capture *cap, struct bytes frame, struct capture_datagram *d)
{
	enum packet_fate fate;
	struct ip_packet p;
	struct wire w;

	wire_init(&w, frame);
	fate = cap->strip(&w);
	if (fate == PACKET_GOOD)
		fate = ip_parse((struct bytes) { w.at, wire_left(&w) }, &p);
	if (fate == PACKET_GOOD)
		fate = packet_reassemble(cap, &p, d->time_ns);
	if (fate == PACKET_GOOD)
		fate = udp_parse(&p, d);
	return fate;
}

static void
count_packet(struct capture_counters *c, enum packet_fate fate)
{
	c->packets++;
	switch (fate) {
	case PACKET_GOOD:
		c->datagrams++;
		break;
	case PACKET_NOT_UDP:
		c->not_udp++;
		break;
	case PACKET_DAMAGED:
		c->truncated++;
		break;
	case PACKET_HELD:
		break;
	}
}

/*
 * tv_usec holds nanoseconds, as requested from libpcap. pcap has 32-bit
 * seconds, which some versions treat as signed; pcapng may hold any number.
 */
static int64_t
packet_time(const struct pcap_pkthdr *head)
{
	const int64_t max_sec = INT64_C(8000000000);
	int64_t sec = head->ts.tv_sec, nsec = head->ts.tv_usec;

	if (sec < 0 && sec >= INT32_MIN)
		sec += INT64_C(1) << 32;
	if (sec < 0 || sec > max_sec)
		return 0;
	if (nsec < 0 || nsec >= 1000000000)
		nsec = 0;
	return sec * 1000000000 + nsec;
}

static int
capture_read_failed(struct capture *cap, struct flowd_error *err)
{
	int code = ferror(pcap_file(cap->pcap)) ? FLOWD_EIO : FLOWD_EFORMAT;

	return flowd_fail(err, code, "%s: packet %" PRIu64 ": %s", cap->name,
	    cap->counters.packets + 1, pcap_geterr(cap->pcap));
}

int
capture_next(struct capture *cap, struct capture_datagram *d,
    struct flowd_error *err)
{
	struct pcap_pkthdr *head;
	enum packet_fate fate;
	const u_char *data;
	int got;

	while ((got = pcap_next_ex(cap->pcap, &head, &data)) == 1) {
		d->time_ns = packet_time(head);
		fate =
		    frame_parse(cap, (struct bytes) { data, head->caplen }, d);
		count_packet(&cap->counters, fate);
		if (fate == PACKET_GOOD)
			return 1;
	}
	reassembly_finish(cap->reassembly);
	return got == PCAP_ERROR_BREAK ? 0 : capture_read_failed(cap, err);
}

const struct capture_counters *
capture_counters(const struct capture *cap)
{
	return &cap->counters;
}

/* ", 3 not UDP" */
static void
put_count(uint64_t n, const char *what, struct buf *out)
{
	if (n > 0)
		buf_printf(out, ", %" PRIu64 " %s", n, what);
}

void
capture_put_counters(const struct capture_counters *c, struct buf *out)
{
	if (c->packets == 0) {
		buf_append_text(out, "no packets");
		return;
	}
	buf_printf(out, "no UDP datagrams among %" PRIu64 " packets",
	    c->packets);
	put_count(c->not_udp, "not UDP", out);
	put_count(c->truncated, "cut or damaged", out);
	put_count(c->incomplete, "without some of their fragments", out);
}
