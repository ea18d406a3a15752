/*
 * Keys: what flows are grouped by. A key has parts; each part is a value of a
 * flow, such as a column, the network of an address, or the hour of the day.
 *
 * Called by aggregate_run.c, key_values.c, and by programs to read the texts of
 * their options. Test: test/unit/aggregate/test_key.c.
 */
#ifndef FLOWD_KEY_H
#define FLOWD_KEY_H

#include "addr.h"
#include "buf.h"
#include "columns.h"
#include "other_filter.h"
#include "result.h"

struct predicate;
struct prefix_map;

enum {
	KEY_PARTS = 8, /* of an output, at most */
	KEY_NAME_MAX = 64
};

/* How the value of a part is computed. */
enum key_function {
	KEY_COLUMN, /* the value of the column; of an address its network */
	KEY_SERVICE, /* protocol, and the lower port if it is a server's */
	KEY_HOUR, /* of the flow's time in the zone of the plan: 0 to 23 */
	KEY_WEEKDAY, /* Sunday is 0 */
	KEY_DAY, /* days from 1970-01-01 */
	KEY_ENTRY, /* number of the entry of a table that has the address */
	KEY_ELEMENT_UINT, /* an element without a column that is unsigned */
	KEY_ELEMENT_OCTETS, /* another one: number of its octets in a pool */
	KEY_INTERFACE, /* an index, which has a name */
	KEY_BIN /* the time bin; see time_bin.h */
};

/* The type of a part. */
enum key_type {
	KEY_UINT,
	KEY_ADDR
};

/* An element that has no column. */
struct key_element {
	struct other_id id[2]; /* its number, and that in NetFlow 9 */
	uint8_t n; /* how many numbers it has */
	uint8_t type; /* enum element_type */
};

struct key_part {
	char name[KEY_NAME_MAX]; /* as given: "src_addr/24" */
	uint8_t function; /* enum key_function */
	uint8_t type; /* enum key_type */
	uint8_t bits; /* of its integers */
	uint8_t col[2]; /* enum column_index: of the source and of the
			 * destination; the same if it has no sides */
	uint8_t prefix4, prefix6; /* length of networks; 32, 128: hosts */
	const struct prefix_map *map; /* KEY_ENTRY: of the table; borrowed */
	struct key_element element; /* KEY_ELEMENT_* */
	/*
	 * KEY_INTERFACE: the exporter is the part that is so many in front,
	 * and names, borrowed, has what it is called. NULL: no names.
	 */
	uint8_t exporter;
	const struct key_names *names;
};

struct key {
	struct key_part part[KEY_PARTS];
	unsigned nparts;
	/*
	 * Some parts have a side (host, port, as): a flow counts once for its
	 * source and once for its destination, and once only if both are the
	 * same.
	 */
	bool either;
	/*
	 * Of these, some are entries of tables: a side that has none does not
	 * count where the other one has.
	 */
	bool either_entry;
	/*
	 * The parts unordered and unordered + 1 are addresses whose order does
	 * not matter: the lesser stands first. Negative: there are none.
	 */
	int unordered;
};

/*
 * Parse a list of keys, "src_addr/24,dst_port". Returns 0, or FLOWD_EINVAL with
 * err set, which suggests a word. The words are in key.def.
 */
int key_parse(struct key *key, const char *text, struct flowd_error *err);

/* What keys can name beside columns and words; borrowed by the key. */
struct key_names {
	struct predicate *predicate; /* whose tables; NULL: none */
	/*
	 * Finds an element by its name, and the column that it fills, or -1.
	 * False: there is none. NULL: no elements.
	 */
	bool (*element)(
	    const char *name, struct key_element *element, int *column);
	/* The name of an element that was meant, or NULL; as element. */
	const char *(*suggest_element)(const char *name);
	/*
	 * The name of an interface of an exporter, or NULL; for results. It
	 * stays as long as the result. NULL: no interface has a name.
	 */
	const char *(*interface)(
	    void *arg, const struct addr *exporter, uint32_t index);
	void *arg;
};

int key_parse_names(struct key *key, const char *text,
    const struct key_names *names, struct flowd_error *err);

/* Is its value a time, which may be negative? */
static inline bool
key_part_is_time(const struct key_part *p)
{
	return p->function == KEY_COLUMN &&
	    column_info[p->col[0]].type == COLUMN_TIME;
}

/* Has its value a side of its own? */
static inline bool
key_part_is_sided(const struct key_part *p)
{
	return p->col[0] != p->col[1];
}

/* Columns that the values of a part come from. */
struct colset key_part_columns(const struct key_part *part);

/* Append a line for each word of a key. */
void key_describe(struct buf *out);

#endif
