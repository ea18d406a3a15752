/*
 * Options data: stores what exporters say of themselves. Names belong to the
 * stream (option_name.h), other values to a scope (scoped_store.h). decode.c
 * uses it.
 * Test: test/unit/decode/test_options_data.c.
 */
#ifndef FLOWD_OPTIONS_DATA_H
#define FLOWD_OPTIONS_DATA_H

#include "exporter.h"

/*
 * Stores the contents of an options record of s; the first nscope entries are
 * its scope.
 */
void options_apply(struct exporters *all, struct stream *s,
    struct bytes other, size_t nscope, int64_t now_ns);

#endif
