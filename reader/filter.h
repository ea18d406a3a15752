/*
 * The filters of flowd-reader, in the language of flowd.conf(5): the rules of
 * a file (-f), whose store lines count, too, and whose other directives have
 * no effect; and an expression (-e).
 *
 * Called by reader.c only. Tests: test/program/test_filter_golden.py,
 * test/program/test_rules.py.
 */
#ifndef FLOWD_READER_FILTER_H
#define FLOWD_READER_FILTER_H

#include "batch.h"
#include "prune.h"
#include "result.h"
#include "rule.h"

struct filter;

struct filter_text {
	const char *path; /* NULL: none */
	const char *expression; /* NULL: none */
	int64_t now_ns; /* what times like -15m in the expression hang on */
	bool utc; /* its times without a zone are in UTC */
};

/*
 * NULL with err set when something cannot be read or has errors; each of the
 * errors has been printed on standard error then.
 */
struct filter *filter_open(
    const struct filter_text *text, struct flowd_error *err);
void filter_close(struct filter *f);

/* Unselect and tag rows as the rules say; then the expression. */
void filter_run(struct filter *f, struct batch *batch);

/* Columns that are tested or set. */
struct colset filter_columns(const struct filter *f);
/* May a row of a block pass, by what is known of it? */
bool filter_may_accept(
    const struct filter *f, const struct prune_facts *facts);

/* Is it worthwhile to ask this of runs of rows, too? */
bool filter_seeks_host(const struct filter *f);
/* The same for a run of the rows of a block; see prune_seeks_host(). */
bool filter_run_may_accept(
    const struct filter *f, const struct prune_facts *facts);

/* What the store lines choose (enum classic_field), CLASSIC_ALL without. */
uint32_t filter_store(const struct filter *f);

/* -d: the store mask and the rules with their counters, on standard error. */
void filter_describe(struct filter *f);

#endif
