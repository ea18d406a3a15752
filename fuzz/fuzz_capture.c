/*
 * Fuzz target: capture files, through libpcap and every layer to UDP. Every
 * octet handed out is looked at, and every packet must have been counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every octet; a UDP payload has at most 65,527. */
static unsigned
octets_sum(struct bytes b)
{
	unsigned sum = 0;

	for (size_t i = 0; i < b.len; i++)
		sum += b.ptr[i];
	return sum;
}

static void
check_counters(const struct capture_counters *c)
{
	if (c->packets !=
	    c->datagrams + c->fragments + c->not_udp + c->truncated +
		c->incomplete)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_datagram d;
	struct capture *cap = NULL;
	void *copy = malloc(size + 1);
	FILE *file = NULL;

	if (copy != NULL && size > 0) {
		memcpy(copy, data, size);
		file = fmemopen(copy, size, "rb");
	}
	if (file != NULL)
		cap = capture_open(file, "fuzz", NULL);
	if (cap != NULL) {
		while (capture_next(cap, &d, NULL) == 1)
			if (octets_sum(d.payload) > 255U * 65527)
				abort();
		check_counters(capture_counters(cap));
	}
	capture_close(cap);
	free(copy);
	return 0;
}
