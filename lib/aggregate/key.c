/* The text of keys; see key.h. */
#include <stdio.h>
#include <string.h>

#include "flow_time.h"
#include "key.h"
#include "num.h"
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
#include "key.def"
#undef KEY
#undef PAIR
};

struct key_pair {
	const char *word;
	bool ordered;
	const char *doc;
};

static const struct key_pair key_pairs[] = {
#define KEY(word, function, type, bits, source, destination, doc)
#define PAIR(word, ordered, doc) { #word, ordered, doc },
#include "key.def"
#undef KEY
#undef PAIR
};

#define NWORDS (sizeof(key_words) / sizeof(key_words[0]))
#define NPAIRS (sizeof(key_pairs) / sizeof(key_pairs[0]))

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
	{ "in", "if_in" },
	{ "inif", "if_in" },
	{ "ip", "host" },
	{ "out", "if_out" },
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

/* The word that was meant, or NULL. */
static const char *
key_suggest(const char *word)
{
	const char *words[NWORDS + NPAIRS];
	const char *column = column_suggest(word);

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
	return suggest_word(word, words, NWORDS + NPAIRS);
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

/* A word of a list, and the networks that are asked for with it. */
struct key_item {
	char word[KEY_NAME_MAX];
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
key_add_unknown(const char *word, struct flowd_error *err)
{
	const char *meant = key_suggest(word);
	int col = column_by_name(word);

	if (col >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: flows cannot be grouped by this column", word);
	if (meant != NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no key; do you mean %s?", word, meant);
	return flowd_fail(err, FLOWD_EINVAL, "%s: is no key", word);
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
key_add(
    struct key *key, const struct key_item *item, struct flowd_error *err)
{
	unsigned first = key->nparts;
	struct key_part *p = &key->part[first];
	int bad = 0;

	if (first + 2 > KEY_PARTS)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: a key has at most %d parts", item->word,
		    KEY_PARTS - 1);
	(void)snprintf(p->name, sizeof(p->name), "%s", item->word);
	if (!key_init_pair(key, item->word)) {
		if (!key_part_init_word(p, item->word) &&
		    !key_part_init_column(p, item->word))
			return key_add_unknown(item->word, err);
		if (p->col[0] != p->col[1])
			key->either = true;
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
	struct key_item item;
	int bad;

	*key = (struct key){ .unordered = -1 };
	for (;;) {
		bad = key_item_take(&item, &text, err);
		if (bad == 0)
			bad = key_add(key, &item, err);
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
}
