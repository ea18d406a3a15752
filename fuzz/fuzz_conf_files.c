/*
 * The files that a configuration names: the input is cut at octets of 0xff
 * into one that is included, one that both include, and a file of a table.
 * They are written to a folder of their own. lib/config/include.c,
 * lib/filter/prefix_file.c.
 */
#define _DEFAULT_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag_append.h"
#include "parse.h"
#include "ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 3, PATH_OCTETS = 256 };

static const char *const names[PARTS] = { "a.conf", "b.conf", "t" };
static const char text[] = "include \"a.conf\"\ninclude \"b*.conf\"\n"
			   "table <u> { 10/8 } file \"t\"\n"
			   "accept tag 7 src <u>\n";
static char folder[PATH_OCTETS], main_name[PATH_OCTETS + 16];

static void
path_of(unsigned part, char *path)
{
	(void)snprintf(path, PATH_OCTETS + 16, "%s/%s", folder, names[part]);
}

static void
remove_folder(void)
{
	char path[PATH_OCTETS + 16];

	for (unsigned i = 0; i < PARTS; i++) {
		path_of(i, path);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static void
make_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/flowd-fuzz-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0)
		abort();
	(void)snprintf(main_name, sizeof(main_name), "%s/flowd.conf", folder);
}

static void
write_parts(struct bytes in)
{
	char path[PATH_OCTETS + 16];

	for (unsigned i = 0; i < PARTS; i++) {
		const uint8_t *end = in.len == 0
		    ? NULL
		    : memchr(in.ptr, 0xff, in.len);
		size_t len = end != NULL ? (size_t)(end - in.ptr) : in.len;
		FILE *f;

		path_of(i, path);
		f = fopen(path, "w");
		if (f == NULL || fwrite(in.ptr, 1, len, f) != len ||
		    fclose(f) != 0)
			abort();
		len += end != NULL;
		in.ptr += len;
		in.len -= len;
	}
}

/* Tables answer, whatever they are made of. */
static void
run_rules(const struct filter *filter)
{
	struct ruleset *set = ruleset_new(filter->rules);
	struct batch *batch = batch_new(64);
	struct addr v4 = addr_from_v4(0x0a000001);

	if (batch == NULL || set == NULL)
		abort();
	for (size_t row = batch_append(batch, 64); row < 64; row++)
		batch_set_addr(batch, COL_src_addr, row, &v4);
	ruleset_run(set, batch);
	ruleset_free(set);
	batch_free(batch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag_sink sink = { .report = diag_append };
	struct source src;
	struct buf out;
	struct filter filter;
	uint32_t fields;
	int bad;

	if (size > SOURCE_MAX)
		return 0;
	if (folder[0] == '\0')
		make_folder();
	write_parts((struct bytes){ data, size });
	src = source_of_text(main_name,
	    (struct bytes){ (const uint8_t *)text, sizeof(text) - 1 });
	buf_init(&out, 64 * 1024);
	sink.arg = &out;
	if (filter_init(&filter) == 0) {
		bad = parse_config_rules(&filter, &src, &sink, &fields);
		if (bad == 0)
			bad = prefix_tables_load(filter.tables, &sink);
		if (bad != FLOWD_ENOMEM && (bad == 0) != (sink.count == 0))
			abort();
		if (bad == 0)
			run_rules(&filter);
	}
	filter_fini(&filter);
	buf_fini(&out);
	return 0;
}
