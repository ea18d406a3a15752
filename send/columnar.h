/*
 * A columnar flow log, version 4, as batches: block by block, of a file and a
 * pipe alike, with the columns that can be sent. What is damaged is passed
 * over, as flowd-reader does, and told at the end.
 *
 * Called by feed.c. Test: test/program/test_send.py.
 */
#ifndef FLOWD_SEND_COLUMNAR_H
#define FLOWD_SEND_COLUMNAR_H

#include <stdio.h>

#include "batch.h"
#include "result.h"

struct columnar;

/*
 * Takes over the file, also on failure. name is for error texts and borrowed.
 * NULL with err set when out of memory.
 */
struct columnar *
columnar_open(FILE *file, const char *name, struct flowd_error *err);
void columnar_close(struct columnar *c);

/*
 * Fill an empty batch. Returns how many rows there are, 0 at the end (a block
 * that is cut there is passed over, silently: a live log always has one), or a
 * negative FLOWD_E* with err set, from then on: of damage when all else was
 * read.
 */
int columnar_next(
    struct columnar *c, struct batch *batch, struct flowd_error *err);

#endif
