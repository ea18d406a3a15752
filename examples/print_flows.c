/*
 * Prints flows for which an expression holds, as flowd-reader does, one by one:
 *
 *	print_flows 'proto udp dst port 53' /var/flow
 *
 *	cc print_flows.c $(pkg-config --cflags --libs libflowd)
 */
#include <stdio.h>

#include <flowd/flowd.h>

static int
print_flows(struct flowd_scan *scan, struct flowd_formatter *formatter,
    struct flowd_error *err)
{
	struct flowd_flow flow;
	const char *line;
	size_t len;
	int got;

	while ((got = flowd_scan_next_flow(scan, &flow, err)) > 0) {
		got = flowd_formatter_rows(
		    formatter, flow.batch, flow.row, 1, &line, &len, err);
		if (got != 0)
			break;
		(void)fwrite(line, 1, len, stdout);
	}
	return got;
}

int
main(int argc, char **argv)
{
	struct flowd_format_options format = { .utc = 1 };
	struct flowd_scan_options options = { .paths = NULL };
	struct flowd_formatter *formatter;
	struct flowd_scan *scan = NULL;
	struct flowd_error err;
	int got = -1;

	if (argc < 3) {
		fprintf(stderr, "usage: print_flows EXPRESSION PATH...\n");
		return 2;
	}
	formatter = flowd_formatter_new(&format, &err);
	if (formatter != NULL) {
		options.where = argv[1];
		options.paths = (const char *const *)argv + 2;
		options.columns = flowd_formatter_columns(formatter);
		scan = flowd_scan_open(&options, &err);
	}
	if (scan != NULL)
		got = print_flows(scan, formatter, &err);
	if (got < 0)
		fprintf(stderr, "print_flows: %s\n", err.text);
	flowd_scan_close(scan);
	flowd_formatter_free(formatter);
	return got < 0;
}
