/*
 * The exporters of a decoder, for what decode.h has beside decoding.
 * In decode.c. Called by diagnosis.c, listed.c, report.c, state_load.c and
 * state_save.c.
 */
#ifndef FLOWD_DECODER_H
#define FLOWD_DECODER_H

#include "exporter.h"

struct decoder;

const struct exporters *decoder_exporters(const struct decoder *dec);
struct exporters *decoder_exporters_of(struct decoder *dec);

#endif
