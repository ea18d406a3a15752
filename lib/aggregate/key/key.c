/* The text of keys; see key.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_time.h"
#include "key.h"
#include "num.h"
#include "other.h"
#include "predicate.h"
#include "prefix_table.h"
#include "suggest.h"

struct key_word {
	const char *word;
	uint8_t function, type, bits;
	uint8_t col[2];
	const char *doc;
};

static const struct key_word key_words[] = {
#define KEY(word, function, type, bits, source, destination, doc) \
	{ #word, KEY_##function, KEY_##type, bits, \
		{ COL_##source, COL_##destination }, doc },
#define PAIR(word, ordered, doc)
#define INTERFACE(word, source, destination, doc)
#include "key.def"
#undef KEY
#undef PAIR
#undef INTERFACE
};

struct key_pair {
	const char *word;
	bool ordered;
	const char *doc;
};

static const struct key_pair key_pairs[] = {
#define KEY(word, function, type, bits, source, destination, doc)
#define PAIR(word, ordered, doc) { #word, ordered, doc },
#define INTERFACE(word, source, destination, doc)
#include "key.def"
#undef KEY
#undef PAIR
#undef INTERFACE
};

struct key_interface {
	const char *word;
	uint8_t col[2];
	const char *doc;
};

static const struct key_interface key_interfaces[] = {
#define KEY(word, function, type, bits, source, destination, doc)
#define PAIR(word, ordered, doc)
#define INTERFACE(word, source, destination, doc) \
	{ #word, { COL_##source, COL_##destination }, doc },
#include "key.def"
#undef KEY
#undef PAIR
#undef INTERFACE
};

#define NWORDS (sizeof(key_words) / sizeof(key_words[0]))
#define NPAIRS (sizeof(key_pairs) / sizeof(key_pairs[0]))
#define NINTERFACES (sizeof(key_interfaces) / sizeof(key_interfaces[0]))

static const struct key_word *
key_word_find(const char *word)
{
	for (size_t i = 0; i < NWORDS; i++)
		if (strcmp(key_words[i].word, word) == 0)
			return &key_words[i];
	return NULL;
}

static const struct key_pair *
key_pair_find(const char *word)
{
	for (size_t i = 0; i < NPAIRS; i++)
		if (strcmp(key_pairs[i].word, word) == 0)
			return &key_pairs[i];
	return NULL;
}

static const struct key_interface *
key_interface_find(const char *word)
{
	for (size_t i = 0; i < NINTERFACES; i++)
		if (strcmp(key_interfaces[i].word, word) == 0)
			return &key_interfaces[i];
	return NULL;
}

/* What nfdump, SiLK and others call it: each with our word. */
static const char *const key_foreign[][2] = {
	{ "dip", "dst_addr" },
	{ "dport", "dst_port" },
	{ "dst", "dst_addr" },
	{ "dstas", "dst_as" },
	{ "dstip", "dst_addr" },
	{ "dstport", "dst_port" },
	{ "exporter", "agent_addr" },
	{ "flags", "tcp_flags" },
	{ "if", "interface" },
	{ "if_name", "interface_name" },
	{ "ifname", "interface_name" },
	{ "in", "if_in" },
	{ "in_if", "if_in" },
	{ "inif", "if_in" },
	{ "ip", "host" },
	{ "out", "if_out" },
	{ "out_if", "if_out" },
	{ "outif", "if_out" },
	{ "proto", "protocol" },
	{ "router", "agent_addr" },
	{ "sip", "src_addr" },
	{ "sport", "src_port" },
	{ "src", "src_addr" },
	{ "srcas", "src_as" },
	{ "srcip", "src_addr" },
	{ "srcport", "src_port" },
};

static const struct prefix_table *
key_tables(const struct key_names *names)
{
	return names != NULL && names->predicate != NULL
	    ? predicate_tables(names->predicate)
	    : NULL;
}

static const struct prefix_table *
key_table_find(const struct key_names *names, const char *name)
{
	const struct prefix_table *t = key_tables(names);

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

/* The table that was meant, or NULL. */
static const char *
key_table_suggest(const struct key_names *names, const char *name)
{
	const char **words = calloc(TABLES_MAX, sizeof(*words));
	const char *meant = NULL;
	size_t n = 0;

	for (const struct prefix_table *t = key_tables(names);
	     t != NULL && words != NULL && n < TABLES_MAX; t = t->next)
		words[n++] = t->name;
	if (n > 0)
		meant = suggest_word(name, words, n);
	free(words);
	return meant;
}

/* The word that was meant, or NULL. */
static const char *
key_suggest(const char *word, const struct key_names *names)
{
	const char *words[NWORDS + NPAIRS + NINTERFACES];
	const char *column = column_suggest(word), *near;

	for (size_t i = 0; i < sizeof(key_foreign) / sizeof(key_foreign[0]);
	    i++)
		if (strcmp(key_foreign[i][0], word) == 0)
			return key_foreign[i][1];
	if (column != NULL)
		return column;
	for (size_t i = 0; i < NWORDS; i++)
		words[i] = key_words[i].word;
	for (size_t i = 0; i < NPAIRS; i++)
		words[NWORDS + i] = key_pairs[i].word;
	for (size_t i = 0; i < NINTERFACES; i++)
		words[NWORDS + NPAIRS + i] = key_interfaces[i].word;
	near = suggest_word(word, words, NWORDS + NPAIRS + NINTERFACES);
	if (near == NULL)
		near = key_table_suggest(names, word);
	if (near == NULL && names != NULL && names->suggest_element != NULL)
		near = names->suggest_element(word);
	return near;
}

/* Octets of the integers of a column, in bits; 0 for what is none. */
static uint8_t
column_bits(unsigned col)
{
	static const uint8_t bits[] = { [COLUMN_U8] = 8, [COLUMN_U16] = 16,
		[COLUMN_U32] = 32, [COLUMN_U64] = 64, [COLUMN_TIME] = 64,
		[COLUMN_MAC] = 48 };
	unsigned type = column_info[col].type;

	return type < sizeof(bits) ? bits[type] : 0;
}

static bool
key_part_init_column(struct key_part *p, const char *word)
{
	int col = column_by_name(word);

	if (col < 0 || column_info[col].type == COLUMN_BYTES ||
	    (column_info[col].flags & COLUMN_RECORD))
		return false;
	p->function = KEY_COLUMN;
	p->type = column_info[col].type == COLUMN_ADDR ? KEY_ADDR : KEY_UINT;
	p->bits = column_bits((unsigned)col);
	p->col[0] = p->col[1] = (uint8_t)col;
	return true;
}

static bool
key_part_init_word(struct key_part *p, const char *word)
{
	const struct key_word *w = key_word_find(word);

	if (w == NULL)
		return false;
	p->function = w->function;
	p->type = w->type;
	p->bits = w->bits;
	memcpy(p->col, w->col, sizeof(p->col));
	return true;
}

/* The two parts of a pair. */
static bool
key_init_pair(struct key *key, const char *word)
{
	static const char *const unordered[] = { "addr_a", "addr_b" };
	const struct key_pair *pair = key_pair_find(word);

	if (pair == NULL)
		return false;
	if (!pair->ordered)
		key->unordered = (int)key->nparts;
	for (unsigned i = 0; i < 2; i++) {
		struct key_part *p = &key->part[key->nparts++];

		(void)key_part_init_column(p, i == 0 ? "src_addr" : "dst_addr");
		if (!pair->ordered)
			(void)snprintf(
			    p->name, sizeof(p->name), "%s", unordered[i]);
		else
			(void)snprintf(p->name, sizeof(p->name), "%s",
			    column_info[p->col[0]].name);
	}
	return true;
}

/* The part that is the exporter, which is added unless it is there. */
static unsigned
key_exporter(struct key *key)
{
	struct key_part *p = key->part;

	for (; p < &key->part[key->nparts]; p++)
		if (strcmp(p->name, "agent_addr") == 0)
			return (unsigned)(p - key->part);
	(void)key_part_init_column(p, "agent_addr");
	(void)snprintf(p->name, sizeof(p->name), "agent_addr");
	return key->nparts++;
}

/* An interface behind its exporter, who numbers it. */
static bool
key_init_interface(
    struct key *key, const char *word, const struct key_names *names)
{
	const struct key_interface *i = key_interface_find(word);
	unsigned exporter;
	struct key_part *p;

	if (i == NULL)
		return false;
	exporter = key_exporter(key);
	p = &key->part[key->nparts];
	*p = (struct key_part){ .function = KEY_INTERFACE,
		.type = KEY_UINT,
		.bits = 32,
		.col = { i->col[0], i->col[1] },
		.exporter = (uint8_t)(key->nparts - exporter),
		.names = names };
	(void)snprintf(p->name, sizeof(p->name), "%s", word);
	key->nparts++;
	key->either |= key_part_is_sided(p);
	return true;
}

/* A word of a list, and the networks that are asked for with it. */
struct key_item {
	char word[KEY_NAME_MAX]; /* "src_addr", "src_addr:customers" */
	unsigned prefix[2];
	unsigned nprefixes;
};

static int
key_item_prefix(struct key_item *item, const char *text, size_t ndigits,
    struct flowd_error *err)
{
	char digits[KEY_NAME_MAX];
	uint64_t len;

	if (item->nprefixes == 2)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: has more than two prefix lengths", item->word);
	(void)snprintf(digits, sizeof(digits), "%.*s",
	    ndigits < KEY_NAME_MAX ? (int)ndigits : KEY_NAME_MAX, text);
	if (ndigits >= KEY_NAME_MAX || num_parse(digits, 128, &len) != 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s/%s: a prefix length is 0 to 32, or to 128 for IPv6",
		    item->word, digits);
	item->prefix[item->nprefixes++] = (unsigned)len;
	return 0;
}

/*
 * One length up to 32 is for IPv4, and IPv6 addresses stay hosts; a greater
 * one is for IPv6, and IPv4 addresses stay hosts. Of two lengths the first is
 * for IPv4.
 */
static int
key_part_set_prefix(struct key_part *p, const struct key_item *item,
    struct flowd_error *err)
{
	unsigned four = item->prefix[0];
	unsigned six = item->prefix[item->nprefixes - 1];
	size_t len;

	if (p->type != KEY_ADDR)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s/%u: is no address, so it has no networks", item->word,
		    four);
	if (item->nprefixes == 2 && four > 32)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s/%u,/%u: the first length is for IPv4, 0 to 32",
		    item->word, four, six);
	p->prefix4 = (uint8_t)(four < 32 ? four : 32);
	p->prefix6 = (uint8_t)six;
	if (item->nprefixes == 1 && four <= 32)
		p->prefix6 = 128;
	len = strlen(p->name);
	if (item->nprefixes == 1)
		(void)snprintf(
		    p->name + len, sizeof(p->name) - len, "/%u", four);
	else
		(void)snprintf(p->name + len, sizeof(p->name) - len,
		    "/%u,/%u", four, six);
	return 0;
}

static int
key_fail_unknown(const char *word, const struct key_names *names,
    struct flowd_error *err)
{
	const char *meant = key_suggest(word, names);
	int col = column_by_name(word);

	if (col >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: flows cannot be grouped by this column", word);
	if (meant != NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no key; do you mean %s?", word, meant);
	return flowd_fail(err, FLOWD_EINVAL, "%s: is no key", word);
}

static int
key_fail_table(const struct key_part *p, const struct key_names *names,
    const char *table, struct flowd_error *err)
{
	const char *meant = key_table_suggest(names, table);

	if (key_tables(names) == NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: there are no tables; a file of -f defines them",
		    p->name);
	if (meant == NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: there is no table <%s>", p->name, table);
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: there is no table <%s>; do you mean <%s>?", p->name, table,
	    meant);
}

/* The entries of a table that the addresses of a word are in. */
static int
key_part_init_entry(struct key_part *p, const char *word, const char *table,
    const struct key_names *names, struct flowd_error *err)
{
	const struct prefix_table *t = key_table_find(names, table);

	if (key_pair_find(word) != NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: write src_addr:%s,dst_addr:%s", p->name, table,
		    table);
	if (!key_part_init_word(p, word) && !key_part_init_column(p, word))
		return key_fail_unknown(word, names, err);
	if (p->type != KEY_ADDR)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: %s is no address, so it is in no table", p->name,
		    word);
	if (t == NULL)
		return key_fail_table(p, names, table, err);
	p->function = KEY_ENTRY;
	p->type = KEY_UINT;
	p->bits = 32;
	p->map = predicate_map(names->predicate, t, err);
	return p->map != NULL ? 0 : FLOWD_EINVAL;
}

static int
key_part_init_element(struct key_part *p, const struct key_element *element,
    int column, struct flowd_error *err)
{
	bool is_uint = element->type == ELEMENT_UNSIGNED;

	if (column >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is the column %s", p->name, column_info[column].name);
	p->function = is_uint ? KEY_ELEMENT_UINT : KEY_ELEMENT_OCTETS;
	p->type = KEY_UINT;
	p->bits = is_uint ? 64 : 32;
	p->col[0] = p->col[1] = COL_other;
	p->element = *element;
	return 0;
}

/*
 * A word, a column, a table of one ("src_addr:lan", "lan"), or an element
 * ("applicationName", "6871:40").
 */
static int
key_part_init(struct key_part *p, const char *text,
    const struct key_names *names, struct flowd_error *err)
{
	size_t len = strcspn(text, ":");
	char word[KEY_NAME_MAX];
	struct key_element element;
	int column;

	if (key_part_init_word(p, text) || key_part_init_column(p, text))
		return 0;
	if (column_by_name(text) < 0 && names != NULL &&
	    names->element != NULL && names->element(text, &element, &column))
		return key_part_init_element(p, &element, column, err);
	(void)snprintf(word, sizeof(word), "%.*s", (int)len, text);
	if (text[len] == ':')
		return key_part_init_entry(
		    p, word, text + len + 1, names, err);
	if (key_table_find(names, text) != NULL)
		return key_part_init_entry(p, "host", text, names, err);
	return key_fail_unknown(text, names, err);
}

/* The names of parts are those of the columns of a result. */
static int
key_check_twice(
    const struct key *key, unsigned first, struct flowd_error *err)
{
	for (unsigned i = 1; i < key->nparts; i++)
		for (unsigned k = 0; k < i && i >= first; k++)
			if (strcmp(key->part[i].name, key->part[k].name) == 0)
				return flowd_fail(err, FLOWD_EINVAL,
				    "%s: is there twice", key->part[i].name);
	return 0;
}

static int
key_add(struct key *key, const struct key_item *item,
    const struct key_names *names, struct flowd_error *err)
{
	unsigned first = key->nparts;
	struct key_part *p = &key->part[first];
	int bad = 0;

	if (first + 2 > KEY_PARTS)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: a key has at most %d parts", item->word,
		    KEY_PARTS - 1);
	(void)snprintf(p->name, sizeof(p->name), "%s", item->word);
	if (!key_init_pair(key, item->word) &&
	    !key_init_interface(key, item->word, names)) {
		bad = key_part_init(p, item->word, names, err);
		if (bad != 0)
			return bad;
		key->either |= key_part_is_sided(p);
		key->either_entry |=
		    key_part_is_sided(p) && p->function == KEY_ENTRY;
		key->nparts++;
	}
	for (; p < &key->part[key->nparts]; p++) {
		p->prefix4 = 32;
		p->prefix6 = 128;
		if (item->nprefixes > 0 && bad == 0)
			bad = key_part_set_prefix(p, item, err);
	}
	return bad != 0 ? bad : key_check_twice(key, first, err);
}

/*
 * Take the next item off the list: a word, "/LEN" behind it, and ",/LEN" for
 * the other family.
 */
static int
key_item_take(
    struct key_item *item, const char **at, struct flowd_error *err)
{
	size_t len = strcspn(*at, ",/");
	const char *p = *at;
	int bad = 0;

	if (len == 0 || len >= KEY_NAME_MAX)
		return flowd_fail(err, FLOWD_EINVAL,
		    len == 0 ? "a key is missing" : "%.40s...: is no key", p);
	*item = (struct key_item){ .nprefixes = 0 };
	memcpy(item->word, p, len);
	p += len;
	while (bad == 0 && (p[0] == '/' || (p[0] == ',' && p[1] == '/'))) {
		p += p[0] == ',' ? 2 : 1;
		len = strcspn(p, ",/");
		bad = key_item_prefix(item, p, len, err);
		p += len;
	}
	*at = p;
	return bad;
}

int
key_parse(struct key *key, const char *text, struct flowd_error *err)
{
	return key_parse_names(key, text, NULL, err);
}

int
key_parse_names(struct key *key, const char *text,
    const struct key_names *names, struct flowd_error *err)
{
	struct key_item item;
	int bad;

	*key = (struct key){ .unordered = -1 };
	for (;;) {
		bad = key_item_take(&item, &text, err);
		if (bad == 0)
			bad = key_add(key, &item, names, err);
		if (bad != 0 || *text == '\0')
			break;
		text++;
	}
	if (bad == 0 && key->either && key->unordered >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "conversation: cannot be a key beside one of both ends");
	return bad;
}

struct colset
key_part_columns(const struct key_part *part)
{
	struct colset set = { { 0, 0 } };

	switch ((enum key_function)part->function) {
	case KEY_COLUMN:
	case KEY_ENTRY:
	case KEY_INTERFACE:
	case KEY_ELEMENT_UINT:
	case KEY_ELEMENT_OCTETS:
		colset_add(&set, part->col[0]);
		colset_add(&set, part->col[1]);
		break;
	case KEY_SERVICE:
		colset_add(&set, COL_src_port);
		colset_add(&set, COL_dst_port);
		colset_add(&set, COL_protocol);
		break;
	case KEY_HOUR:
	case KEY_WEEKDAY:
	case KEY_DAY:
	case KEY_BIN:
		set = flow_time_columns();
		break;
	}
	return set;
}

void
key_describe(struct buf *out)
{
	for (size_t i = 0; i < NWORDS; i++)
		buf_printf(out, "%s\t%s\n", key_words[i].word,
		    key_words[i].doc);
	for (size_t i = 0; i < NPAIRS; i++)
		buf_printf(out, "%s\t%s\n", key_pairs[i].word,
		    key_pairs[i].doc);
	for (size_t i = 0; i < NINTERFACES; i++)
		buf_printf(out, "%s\t%s\n", key_interfaces[i].word,
		    key_interfaces[i].doc);
}
