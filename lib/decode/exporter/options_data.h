/*
 * Options data: what an exporter says of itself is kept. Names belong to the
 * exporter (option_name.h), the rest to a scope (scoped_store.h).
 * Called by decode.c. Test: test/unit/decode/test_option_record.c.
 */
#ifndef FLOWD_OPTIONS_DATA_H
#define FLOWD_OPTIONS_DATA_H

#include "exporter.h"

/* Keep what a record of s says, of which the first nscope entries are scope. */
void options_apply(struct exporters *all, struct stream *s,
    struct bytes other, size_t nscope, int64_t now_ns);

#endif
