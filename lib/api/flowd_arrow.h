/*
 * Batches as Arrow arrays; what the files that make them share.
 *
 *	arrow_schema.c	the types of columns
 *	arrow_array.c	arrays: of a batch, and of what is made of it
 *	arrow_stream.c	a stream of them from a scan
 *	arrow_groups.c	an array of the groups of a query
 *
 * Test: test/unit/api/test_arrow.c.
 */
#ifndef FLOWD_FLOWD_ARROW_H
#define FLOWD_FLOWD_ARROW_H

#include "flowd/arrow.h"
#include "flowd_batch.h"

/* Those that become fields of a struct, in their order. */
struct column_list arrow_columns(const struct column_list *columns);

/* The text of a column in Arrow; dictionary, if it has one, is set to that of
 * its values, else to NULL. */
const char *arrow_format(
    unsigned col, enum flowd_arrow_addresses form, const char **dictionary);

/* 0, or FLOWD_EINVAL with err set, when options say what there is not. */
int arrow_options_check(
    const struct flowd_arrow_options *options, struct flowd_error *err);
/* What they say; options may be NULL. */
enum flowd_arrow_addresses arrow_addresses(
    const struct flowd_arrow_options *options);

/* 0, or FLOWD_ENOMEM. */
int arrow_schema_make(const struct column_list *columns,
    enum flowd_arrow_addresses form, struct ArrowSchema *out);
/* 0, or FLOWD_ENOMEM; also for more text than an array can have. */
int arrow_array_make(const struct flowd_batch *b,
    enum flowd_arrow_addresses form, struct ArrowArray *out);

/* An array of this length without buffers; batch may be NULL. 0, or
 * FLOWD_ENOMEM. */
int arrow_array_begin(struct ArrowArray *a, const struct flowd_batch *batch,
    size_t length, unsigned nbuffers);
/* Memory that goes with the array, three times at most; or NULL. */
void *arrow_array_alloc(struct ArrowArray *a, size_t size);
/* The array frees this with itself; counts as one of the three. */
void arrow_array_own(struct ArrowArray *a, void *memory);
/* Another child, one of at most so many, empty; or NULL. */
struct ArrowArray *arrow_array_child(struct ArrowArray *a, size_t most);

/* A field; its texts are static. */
struct ArrowSchema arrow_field(
    const char *name, const char *format, int64_t flags);
/* Another child, one of at most so many; its name is copied. 0, or
 * FLOWD_ENOMEM. */
int arrow_schema_add(struct ArrowSchema *schema, size_t most, const char *name,
    const char *format);

#endif
