/*
 * Options records: what one says of its exporter, before it is applied: when
 * it started, how it samples, what its interfaces, VRFs and applications are
 * called.
 *
 * They are decoded like flows, with all fields kept as entries of "other";
 * options_read() reads these entries.
 * Called by options_data.c. Test: test/unit/decode/test_option_record.c.
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

/* What one options record says, before it is applied. */
struct option_values {
	struct scope scope;		/* of rate and start */
	bool has_rate;
	struct rate rate;
	bool has_start;
	int64_t start_ns;		/* systemInitTime */
	struct bytes key[NAME_KINDS];	/* number of the interface, ... */
	struct bytes name[NAME_KINDS];
};

/*
 * Read the entries of one options record, of which the first nscope are its
 * scope.
 */
void options_read(struct bytes other, size_t nscope,
    const struct addr *exporter, struct option_values *v);

#endif
