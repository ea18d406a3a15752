/*
 * A program of the kind that was written for the first flowd, which the names
 * of <flowd/compat.h> compile.
 *
 *	classic_reader [-L] [-U] [-c] [-v] LOG [COPY]
 *
 * Prints the flows of a log of version 3, or with -L of version 2; with -U in
 * UTC, with -c as CSV, with -v all fields; and copies them into another log, of
 * version 3.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <flowd/store.h>
#include <flowd/store-v2.h>

enum { LINE = 1024, TEXT = 512 };

static int
next_flow(int fd, int legacy, struct store_flow_complete *flow, char *ebuf)
{
	struct store_v2_flow_complete old;
	int r;

	if (!legacy)
		return store_get_flow(fd, flow, ebuf, TEXT);
	r = store_v2_get_flow(fd, &old, ebuf, TEXT);
	return r == STORE_ERR_OK ? store_v2_flow_convert(&old, flow) : r;
}

int
main(int argc, char **argv)
{
	int legacy = 0, utc = 0, csv = 0, option, fd, copy = -1, r;
	uint32_t show = STORE_DISPLAY_BRIEF;
	struct store_flow_complete flow;
	char ebuf[TEXT], line[LINE];

	while ((option = getopt(argc, argv, "LUcv")) != -1) {
		legacy |= option == 'L';
		utc |= option == 'U';
		csv |= option == 'c';
		if (option == 'v')
			show = STORE_DISPLAY_ALL;
	}
	if (optind >= argc || (fd = open(argv[optind], O_RDONLY)) == -1) {
		perror(optind < argc ? argv[optind] : "classic_reader LOG");
		return 1;
	}
	if (optind + 1 < argc)
		copy = open(argv[optind + 1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	r = legacy ? store_v2_check_header(fd, ebuf, sizeof(ebuf))
		   : STORE_ERR_OK;
	while (r == STORE_ERR_OK &&
	    (r = next_flow(fd, legacy, &flow, ebuf)) == STORE_ERR_OK) {
		if (csv)
			store_format_flow_flowtools_csv(
			    &flow, line, sizeof(line), utc, show, 0);
		else
			store_format_flow(
			    &flow, line, sizeof(line), utc, show, 0);
		puts(line);
		if (copy != -1)
			r = store_put_flow(copy, &flow, STORE_FIELD_ALL, ebuf,
			    sizeof(ebuf));
	}
	if (r != STORE_ERR_EOF)
		fprintf(stderr, "classic_reader: %s: %s\n", argv[optind], ebuf);
	return r != STORE_ERR_EOF;
}
