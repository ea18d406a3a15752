/*
 * Options records: what one says of its exporter: when it started, how it
 * samples, and the names of interfaces, VRFs and applications.
 *
 * They are decoded like flows, with all fields as entries of "other";
 * options_read() interprets these entries. options_data.c uses it.
 * Test: test/unit/decode/test_option_record.c.
 */
#ifndef FLOWD_OPTION_RECORD_H
#define FLOWD_OPTION_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "rate.h"
#include "scope.h"
#include "wire.h"

enum name_kind {
	NAME_INTERFACE,
	NAME_INTERFACE_DESCRIPTION,
	NAME_VRF,
	NAME_APPLICATION,
	NAME_SAMPLER,
	NAME_KINDS
};

extern const char *const name_kind_word[NAME_KINDS];

/* The contents of one options record. */
struct option_values {
	struct scope scope;		/* of rate and start */
	bool has_rate;
	struct rate rate;
	bool has_start;
	int64_t start_ns;		/* systemInitTime */
	struct bytes key[NAME_KINDS];	/* number of the interface, ... */
	struct bytes name[NAME_KINDS];
};

/* Reads the entries of one options record; the first nscope are its scope. */
void options_read(struct bytes other, size_t nscope,
    const struct addr *exporter, struct option_values *v);

#endif
