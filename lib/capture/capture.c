/*
 * Capture files: libpcap gives packets, link.c and ip.c take the headers off,
 * reassembly.c puts fragments together. See capture.h.
 */
#define _DEFAULT_SOURCE /* pcap.h wants u_char and struct timeval */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "ip.h"
#include "link.h"
#include "reassembly.h"

struct capture {
	pcap_t *pcap;
	const char *name;
	const struct link_layer *link;
	struct reassembly *reassembly;
	struct capture_counters counters;
};

/*
 * The first octets of the formats: pcap with micro- and nanoseconds in both
 * orders of octets, a variant with more per packet, and pcapng.
 */
bool
capture_sniff(uint8_t first_octet)
{
	static const uint8_t first[] = { 0xa1, 0xd4, 0x4d, 0x34, 0x0a };

	return memchr(first, first_octet, sizeof(first)) != NULL;
}

struct capture *
capture_open(FILE *file, const char *name, struct flowd_error *err)
{
	struct capture *cap = calloc(1, sizeof(*cap));
	char text[PCAP_ERRBUF_SIZE];

	if (cap != NULL)
		cap->reassembly = reassembly_new();
	if (cap == NULL || cap->reassembly == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
		(void)fclose(file);
		capture_close(cap);
		return NULL;
	}
	cap->name = name;
	cap->pcap = pcap_fopen_offline_with_tstamp_precision(file,
	    PCAP_TSTAMP_PRECISION_NANO, text);
	if (cap->pcap == NULL) {
		(void)flowd_fail(err, FLOWD_EFORMAT, "%s: %s", name, text);
		(void)fclose(file);
		capture_close(cap);
		return NULL;
	}
	cap->link = link_find(pcap_datalink(cap->pcap));
	if (cap->link == NULL) {
		const char *word = pcap_datalink_val_to_name(
		    pcap_datalink(cap->pcap));

		(void)flowd_fail(err, FLOWD_EFORMAT,
		    "%s: link layer %s (%d) is not supported", name,
		    word != NULL ? word : "unknown",
		    pcap_datalink(cap->pcap));
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
		pcap_close(cap->pcap);
	reassembly_free(cap->reassembly);
	free(cap);
}

/* Count a packet that was passed over under its reason. */
static void
count_refusal(struct capture_counters *c, enum ip_result why)
{
	switch (why) {
	case IP_FRAGMENT:
		c->fragments++;
		break;
	case IP_NOT_UDP:
		c->not_udp++;
		break;
	default:
		c->truncated++;
		break;
	}
}

/* The datagram of one packet: IP_DATAGRAM, or why there is none. */
static enum ip_result
packet_datagram(struct capture *cap, const struct pcap_pkthdr *head,
    struct bytes packet, struct capture_datagram *d)
{
	const int64_t second_ns = 1000000000;
	struct ip_packet ip;
	enum ip_result got;

	/* With this precision tv_usec counts nanoseconds. */
	d->time_ns = head->ts.tv_sec * second_ns + head->ts.tv_usec;
	got = cap->link->strip(&packet);
	if (got == IP_DATAGRAM)
		got = ip_parse(packet, &ip);
	if (got == IP_FRAGMENT)
		got = reassembly_add(cap->reassembly, &ip, d->time_ns);
	if (got == IP_DATAGRAM)
		got = udp_parse(&ip, d);
	return got;
}

int
capture_next(struct capture *cap, struct capture_datagram *d,
    struct flowd_error *err)
{
	struct pcap_pkthdr *head;
	const uint8_t *data;
	enum ip_result got;
	int n;

	while ((n = pcap_next_ex(cap->pcap, &head, &data)) == 1) {
		cap->counters.packets++;
		got = packet_datagram(cap, head,
		    (struct bytes) { data, head->caplen }, d);
		if (got == IP_DATAGRAM) {
			cap->counters.datagrams++;
			return 1;
		}
		count_refusal(&cap->counters, got);
	}
	if (n == PCAP_ERROR_BREAK)
		return 0;
	return flowd_fail(err, FLOWD_EFORMAT, "%s: packet %llu: %s", cap->name,
	    (unsigned long long)cap->counters.packets + 1,
	    pcap_geterr(cap->pcap));
}

const struct capture_counters *
capture_counters(struct capture *cap)
{
	cap->counters.incomplete = reassembly_lost(cap->reassembly);
	return &cap->counters;
}
