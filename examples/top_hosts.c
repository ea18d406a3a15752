/*
 * The hosts that sent most octets, of the logs that are named:
 *
 *	top_hosts 10 /var/flow
 *
 *	cc top_hosts.c $(pkg-config --cflags --libs libflowd)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <flowd/flowd.h>

static void
print_groups(const struct flowd_groups *groups)
{
	char text[FLOWD_ADDR_TEXT];
	struct flowd_value host, octets;

	for (size_t row = 0; row < flowd_groups_rows(groups); row++) {
		(void)flowd_groups_value(groups, row, 0, &host);
		(void)flowd_groups_value(groups, row, 1, &octets);
		(void)flowd_addr_format(&host.addr, text);
		printf("%s %" PRIu64 "\n", text, octets.uint);
	}
}

/* Returns 0, or a negative FLOWD_E* with err set. */
static int
top_hosts(struct flowd_query *query, const char *const *paths,
    struct flowd_error *err)
{
	const struct flowd_scan_options what = { .paths = paths };
	struct flowd_scan *scan = flowd_query_scan(query, &what, err);
	struct flowd_groups *groups = NULL;
	int bad = FLOWD_EINVAL;

	if (scan != NULL)
		bad = flowd_query_run(query, scan, err);
	flowd_scan_close(scan);
	if (bad != 0)
		return bad;
	groups = flowd_query_groups(query, err);
	if (groups == NULL)
		return FLOWD_ENOMEM;
	print_groups(groups);
	flowd_groups_free(groups);
	return 0;
}

int
main(int argc, char **argv)
{
	struct flowd_query_options options = { .keys = "src_addr",
		.measures = "octets" };
	struct flowd_query *query;
	struct flowd_error err;
	int bad = -1;

	if (argc < 3) {
		fprintf(stderr, "usage: top_hosts NUMBER PATH...\n");
		return 2;
	}
	options.groups_max = (uint64_t)strtoul(argv[1], NULL, 10);
	query = flowd_query_new(&options, &err);
	if (query != NULL)
		bad = top_hosts(
		    query, (const char *const *)argv + 2, &err);
	if (bad != 0)
		fprintf(stderr, "top_hosts: %s\n", err.text);
	flowd_query_free(query);
	return bad != 0;
}
