/* The parser of configurations on any text: lib/filter. */
#include <stdlib.h>

#include "parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A report is as people would see it. */
static void
report(const struct diag *d, void *arg)
{
	struct buf *out = arg;

	buf_reset(out);
	diag_format(d, out);
	if (!buf_ok(out) || out->len == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source src =
	    source_of_text("fuzz", (struct bytes){ data, size });
	struct diag_sink sink = { .report = report };
	struct ast ast;
	struct buf out;
	int rc;

	if (size > SOURCE_MAX || ast_init(&ast) != 0)
		return 0;
	buf_init(&out, 64 * 1024);
	sink.arg = &out;
	(void)ast_define(&ast, "given=1.2.3.4");
	rc = parse_config(&ast, &src, &sink);
	if (rc != FLOWD_ENOMEM && (rc == 0) != (sink.count == 0))
		abort();
	ast_fini(&ast);
	buf_fini(&out);
	return 0;
}
