/*
 * Predicates over flows, in the language of flowd.conf(5): the rules and store
 * lines of a file (-f), and an expression (-e). Other statements of the file
 * have no effect.
 *
 * A predicate caches decisions: only one thread may use it at a time.
 *
 * Called by flowd-reader, flowctl and row_filter.c. Test: test/unit/query/
 * test_predicate.c, test/program/reader/test_filter_golden.py, test_rules.py.
 */
#ifndef FLOWD_PREDICATE_H
#define FLOWD_PREDICATE_H

#include "batch.h"
#include "buf.h"
#include "result.h"

struct diag_sink;
struct filter;
struct predicate;
struct prefix_map;
struct prefix_table;
struct prune_facts;
struct source;

/*
 * Parses a file of rules into a filter; fields is what its store lines choose.
 * Returns as parse_config_rules() of lib/config, which is the one there is: a
 * program that takes expressions alone does not link it.
 */
typedef int (*predicate_parse_fn)(struct filter *filter,
    const struct source *src, struct diag_sink *sink, uint32_t *fields);

/* The texts of a predicate; strings are borrowed until predicate_free(). */
struct predicate_text {
	const char *rules; /* path of a file of rules; NULL: none */
	predicate_parse_fn parse_rules; /* if there is one */
	const char *expression; /* NULL: none */
	int64_t now_ns; /* base of times such as -15m in the expression */
	bool utc; /* its times without a zone are in UTC */
	/*
	 * Takes each error as lines for people. NULL: the first one is in the
	 * text of err.
	 */
	void (*report)(void *arg, struct bytes lines);
	void *arg;
};

/* NULL with err set when something cannot be read or has errors. */
struct predicate *predicate_new(
    const struct predicate_text *text, struct flowd_error *err);
void predicate_free(struct predicate *p);

/*
 * Another one for another thread. It shares the parsed rules and the tables,
 * which do not change, and must be freed before the first one. NULL with err
 * set.
 */
struct predicate *predicate_copy(
    const struct predicate *p, struct flowd_error *err);

/* Unselect and tag rows as the rules say; then the expression. */
void predicate_select(struct predicate *p, struct batch *batch);

/* Columns that are tested or set. */
struct colset predicate_columns(const struct predicate *p);
/* Those of which only ranges are tested: they may be packed (batch.h). */
struct colset predicate_ranged(const struct predicate *p);
/* May a row of a block pass, by what is known of it? */
bool predicate_may_accept(
    const struct predicate *p, const struct prune_facts *facts);

/* Is it worthwhile to ask this of runs of rows, too? */
bool predicate_seeks_host(const struct predicate *p);
/* The same for a run of the rows of a block; see prune_seeks_host(). */
bool predicate_run_may_accept(
    const struct predicate *p, const struct prune_facts *facts);

/* What the store lines choose (enum classic_field), CLASSIC_ALL without. */
uint32_t predicate_store(const struct predicate *p);

/* The tables of the file, linked; NULL: none. */
const struct prefix_table *predicate_tables(const struct predicate *p);
/*
 * The map of one of them (prefix_map.h), which stays until the predicate is
 * freed; p is no copy. NULL with err set.
 */
const struct prefix_map *predicate_map(struct predicate *p,
    const struct prefix_table *table, struct flowd_error *err);
/* Append a line for each rule: the text before, the rule and its counters. */
void predicate_describe(
    struct predicate *p, const char *before, struct buf *out);

#endif
