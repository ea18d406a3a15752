/*
 * Octets of TCP flows by destination port, of the logs that are named:
 *
 *	octets_by_port /var/flow
 */
#include <inttypes.h>
#include <stdio.h>

#include "scan.h"

int
main(int argc, char **argv)
{
	static uint64_t octets[65536];
	struct flowd_error err = { "" };
	const struct batch *rows;
	struct scan_plan plan = { .paths = argv + (argc > 0) };
	struct predicate_text tcp = { .expression = "proto tcp" };
	struct scan *scan;
	int got = -1;

	colset_add(&plan.columns, COL_dst_port);
	colset_add(&plan.columns, COL_octets);
	plan.predicate = predicate_new(&tcp, &err);
	if (plan.predicate != NULL && (scan = scan_open(&plan, &err)) != NULL) {
		while ((got = scan_next(scan, &rows, &err)) > 0)
			for (size_t i = 0; i < rows->nrows; i++)
				if (bitmap_test(rows->selected, i))
					octets[batch_uint(
					    rows, COL_dst_port, i)] +=
					    batch_uint(rows, COL_octets, i);
		scan_close(scan);
	}
	predicate_free(plan.predicate);
	for (unsigned port = 0; port < 65536; port++)
		if (octets[port] > 0)
			printf("%u %" PRIu64 "\n", port, octets[port]);
	if (got < 0)
		fprintf(stderr, "octets_by_port: %s\n", err.text);
	return got < 0;
}
