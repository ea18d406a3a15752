/*
 * What options data say of an exporter: when it started, how it samples, what
 * its interfaces, VRFs and applications are called.
 *
 * Options records are decoded like flows, with all fields kept as entries of
 * "other"; options_apply() reads these entries. Names belong to the exporter,
 * the rest to a scope (stated.h).
 * Called by decode.c. Test: test/unit/decode/test_options.c.
 */
#ifndef FLOWD_OPTIONS_H
#define FLOWD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "map.h"
#include "rate.h"
#include "scope.h"
#include "wire.h"

struct exporters;
struct stream;

enum {
	NAME_TEXT_MAX = 255,
	NAME_KEY_MAX = 16
};

enum name_kind {
	NAME_INTERFACE,
	NAME_INTERFACE_DESCRIPTION,
	NAME_VRF,
	NAME_APPLICATION,
	NAME_SAMPLER,
	NAME_KINDS
};

struct name {
	struct map_node node;	/* of the names of all exporters */
	struct list sibling;	/* of the exporter's */
	const void *exporter;
	uint8_t kind;		/* enum name_kind */
	uint8_t key_len;
	uint8_t text_len;
	uint8_t key[NAME_KEY_MAX];
	char text[];
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
/* The same of a record of s; and keep what it says. */
void options_apply(struct exporters *all, struct stream *s,
    struct bytes other, size_t nscope, int64_t now_ns);

#endif
