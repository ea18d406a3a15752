/*
 * Names of interfaces, VRFs, ... as reports show them. Used by report.c.
 *
 * A name belongs to the stream that announced it (option_name.h). It holds for
 * all domains of its port, unless another domain there has another name. A
 * port that brings no flows, but only options data, may speak for other ports.
 * Other ports that bring flows may be other exporters behind the address, so
 * only their own names hold for them.
 *
 * Test: test/unit/decode/test_report_names.c.
 */
#ifndef FLOWD_REPORT_NAMES_H
#define FLOWD_REPORT_NAMES_H

#include "buf.h"
#include "decode.h"
#include "exporter.h"

/*
 * Appends ,"names":[...],"port_names":[...]: the names that hold for all flows
 * of the exporter, and those of single ports. Appends nothing when out of
 * memory.
 */
void names_dump(const struct exporter *x, struct buf *out);

/*
 * Calls fn for the names that hold for all flows of the exporter. Stops when it
 * returns non-zero, and returns that value; FLOWD_ENOMEM when out of memory.
 */
int names_each(const struct exporter *x,
    int (*fn)(const struct name_info *info, void *arg), void *arg);

#endif
