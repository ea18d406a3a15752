/*
 * Access to the exporters of a decoder, for reports, metrics and state.
 * decode.c implements it.
 */
#ifndef FLOWD_DECODER_H
#define FLOWD_DECODER_H

#include "exporter.h"

struct decoder;

const struct exporters *decoder_exporters(const struct decoder *dec);
struct exporters *decoder_exporters_of(struct decoder *dec);

#endif
