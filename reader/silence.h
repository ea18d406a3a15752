/*
 * Captures that gave no flow, and exporters in them: it is said why, though
 * nobody asked. Called by reader.c. Test: test/program/test_silence.py.
 */
#ifndef READER_SILENCE_H
#define READER_SILENCE_H

#include "capture.h"
#include "decode.h"

struct silence {
	struct decode_counters before; /* when the capture was begun */
	bool said; /* of a capture */
};

/* A capture is begun. */
void silence_begin(struct silence *s, const struct decoder *dec);
/* It is at its end. */
void silence_tell(struct silence *s, const struct decoder *dec,
    const struct capture_counters *c, const char *path);
/* All are: a line on exporters without flows, when no capture had one. */
void silence_tell_exporters(const struct silence *s, const struct decoder *dec);

#endif
