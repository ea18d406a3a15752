/*
 * The filter of flowd-reader -f: a file in the language of flowd.conf(5). Its
 * rules and store lines count, other directives are parsed and have no
 * effect.
 *
 * Called by reader.c only. Tests: test/program/test_filter_golden.py.
 */
#ifndef FLOWD_READER_FILTER_H
#define FLOWD_READER_FILTER_H

#include "batch.h"
#include "result.h"
#include "rule.h"

struct filter;

/*
 * Read the file. NULL with err set when it cannot be read or has errors; each
 * of the errors in it has been printed on standard error then.
 */
struct filter *filter_open(const char *path, struct flowd_error *err);
void filter_close(struct filter *f);

/* Unselect and tag rows as the rules say. */
void filter_run(struct filter *f, struct batch *batch);

/* The rules in their order. */
const struct rule *filter_rules(const struct filter *f);

/* What the store lines choose (enum classic_field), CLASSIC_ALL without. */
uint32_t filter_store(const struct filter *f);

/* -d: the store mask and the rules with their counters, on standard error. */
void filter_describe(const struct filter *f);

#endif
