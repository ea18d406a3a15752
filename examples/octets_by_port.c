/*
 * Octets of TCP flows by destination port, of the logs that are named:
 *
 *	octets_by_port /var/flow
 *
 *	cc octets_by_port.c $(pkg-config --cflags --libs libflowd)
 */
#include <inttypes.h>
#include <stdio.h>

#include <flowd/flowd.h>

static uint64_t octets[65536];

/* Arrays of the columns; a flow without a value has 0 there. */
static void
add_octets(const struct flowd_batch *batch)
{
	struct flowd_vector port, n;

	if (flowd_batch_vector(batch, FLOWD_COL_dst_port, &port) != 0 ||
	    flowd_batch_vector(batch, FLOWD_COL_octets, &n) != 0)
		return;
	for (size_t i = 0; i < n.nrows; i++)
		octets[port.u16[i]] += n.u64[i];
}

int
main(int argc, char **argv)
{
	const struct flowd_scan_options options = {
		.paths = (const char *const *)argv + (argc > 0),
		.where = "proto tcp",
		.columns = "dst_port,octets",
	};
	const struct flowd_batch *batch;
	struct flowd_error err;
	struct flowd_scan *scan = flowd_scan_open(&options, &err);
	int got = -1;

	while (scan != NULL && (got = flowd_scan_next(scan, &batch, &err)) > 0)
		add_octets(batch);
	flowd_scan_close(scan);
	for (unsigned i = 0; i < 65536; i++)
		if (octets[i] > 0)
			printf("%u %" PRIu64 "\n", i, octets[i]);
	if (got < 0)
		fprintf(stderr, "octets_by_port: %s\n", err.text);
	return got < 0;
}
