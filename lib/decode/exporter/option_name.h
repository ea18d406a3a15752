/*
 * Names from options data: of interfaces, VRFs, applications and samplers. The
 * key is a number in octets. A name belongs to the stream that announced it:
 * behind one address there may be several exporters, which number their
 * interfaces alike. report_names.c tells which names hold for other streams.
 *
 * options_data.c, state_load.c and stream.c use it.
 * Test: test/unit/decode/test_option_name.c.
 */
#ifndef FLOWD_OPTION_NAME_H
#define FLOWD_OPTION_NAME_H

#include "exporter.h"
#include "option_record.h"

enum {
	NAME_TEXT_MAX = 255,
	NAME_KEY_MAX = 16
};

struct name {
	struct map_node node;	/* by stream, kind and key */
	struct list use;	/* of the exporter */
	struct list sibling;	/* of the stream */
	struct stream *stream;
	uint8_t kind;		/* enum name_kind */
	uint8_t key_len;
	uint8_t text_len;
	uint8_t key[NAME_KEY_MAX];
	char text[];
};

/* Sets a name of s. The counters of the stream count evictions and refusals. */
void name_set(struct exporters *all, struct stream *s, enum name_kind kind,
    struct bytes key, struct bytes text);
/* The name that s has announced, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct stream *s, enum name_kind kind, struct bytes key);
/* Moves names to another stream of the same exporter, except those it has. */
void names_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* Removes all names of s. */
void names_drop(struct exporters *all, struct stream *s);

#endif
