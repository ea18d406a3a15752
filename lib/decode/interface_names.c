/* Names of interfaces; see interface_names.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "interface_names.h"
#include "seed.h"

enum {
	STATE_OCTETS_MAX = 1 << 30
};

struct interface_name {
	struct addr exporter; /* without a scope: logs have none */
	uint32_t index;
	size_t order; /* in which it was found: the first one counts */
	char *name;
	char *text; /* as it is printed: name, or of its own */
};

void
interface_names_init(
    struct interface_names *names, const struct decoder *captures)
{
	*names = (struct interface_names) { .captures = captures };
}

static void
names_clear(struct interface_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (names->name[i].text != names->name[i].name)
			free(names->name[i].text);
		free(names->name[i].name);
	}
	names->n = 0;
	names->collected = false;
}

void
interface_names_fini(struct interface_names *names)
{
	names_clear(names);
	free(names->name);
	decoder_free(names->saved);
}

/* --- The state file --- */

static int
load_states(struct decoder *dec, struct bytes states, const char *path,
    struct flowd_error *err)
{
	struct decoder_loaded loaded;
	struct flowd_error why;

	do {
		struct bytes one = decoder_state_next(&states);

		if (decoder_load(dec, one, NULL, &loaded, &why) != 0)
			return flowd_fail(
			    err, FLOWD_EFORMAT, "%s: %s", path, why.text);
	} while (states.len > 0);
	return 0;
}

/* Limits that no state reaches which flowd has written. */
static struct decoder *
new_decoder(void)
{
	const struct decoder_limits limits = { .exporters = 1 << 20,
		.streams = 1 << 20,
		.exporter_streams = 1 << 20,
		.exporter_names = 1 << 20,
		.name_octets = STATE_OCTETS_MAX };

	return decoder_new(&limits, seed_draw());
}

static int
read_states(struct interface_names *names, int fd, const char *path,
    struct flowd_error *err)
{
	struct buf text;
	ssize_t n = 1;
	int bad = 0;

	buf_init(&text, STATE_OCTETS_MAX);
	while (n > 0) {
		uint8_t *room = buf_room(&text, 65536);

		n = room != NULL ? read(fd, room, 65536) : 0;
		text.len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		bad = flowd_fail_errno(err, "%s", path);
	else if (!buf_ok(&text))
		bad = flowd_fail(err, FLOWD_ERANGE, "%s: is too large", path);
	else
		bad = load_states(names->saved,
		    (struct bytes) { text.ptr, text.len }, path, err);
	buf_fini(&text);
	return bad;
}

int
interface_names_load(
    struct interface_names *names, const char *path, struct flowd_error *err)
{
	int fd = file_open_read(AT_FDCWD, path), bad;

	if (fd == -1)
		return errno == EINVAL
		    ? flowd_fail(err, FLOWD_EIO, "%s: not a file", path)
		    : flowd_fail_errno(err, "%s", path);
	names->saved = new_decoder();
	bad = names->saved == NULL
	    ? flowd_fail(err, FLOWD_ENOMEM, "out of memory")
	    : read_states(names, fd, path, err);
	(void)close(fd);
	return bad;
}

/* --- Collecting --- */

static int
names_add(const struct name_info *info, void *arg)
{
	struct interface_names *names = arg;
	struct interface_name *name;

	if (strcmp(info->kind, "interface") != 0 || info->key.len > 4)
		return 0;
	if (names->n == names->cap) {
		size_t cap = names->cap == 0 ? 64 : 2 * names->cap;
		void *more = realloc(names->name, cap * sizeof(*name));

		if (more == NULL)
			return FLOWD_ENOMEM;
		names->name = more;
		names->cap = cap;
	}
	name = &names->name[names->n];
	*name = (struct interface_name) { .exporter = info->addr,
		.index = (uint32_t)load_be(info->key.ptr, info->key.len),
		.order = names->n,
		.name = strdup(info->text) };
	name->exporter.scope = 0;
	name->text = name->name;
	if (name->name == NULL)
		return FLOWD_ENOMEM;
	names->n++;
	return 0;
}

static int
compare_exporter(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->family == ADDR_V4)
		return a->v4 < b->v4 ? -1 : a->v4 > b->v4;
	if (a->v6.hi != b->v6.hi)
		return a->v6.hi < b->v6.hi ? -1 : 1;
	return a->v6.lo < b->v6.lo ? -1 : a->v6.lo > b->v6.lo;
}

static int
compare_place(const void *left, const void *right)
{
	const struct interface_name *a = left, *b = right;
	int c = compare_exporter(&a->exporter, &b->exporter);

	if (c != 0)
		return c;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int
compare_found(const void *left, const void *right)
{
	const struct interface_name *a = left, *b = right;
	int c = compare_place(a, b);

	if (c != 0)
		return c;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int
compare_name(const void *left, const void *right)
{
	const struct interface_name *a = *(struct interface_name *const *)left;
	const struct interface_name *b = *(struct interface_name *const *)right;
	int c = compare_exporter(&a->exporter, &b->exporter);

	return c != 0 ? c : strcmp(a->name, b->name);
}

/* Each interface once, in order. */
static void
names_sort(struct interface_names *names)
{
	size_t kept = 0;

	qsort(names->name, names->n, sizeof(*names->name), compare_found);
	for (size_t i = 0; i < names->n; i++) {
		if (kept == 0 ||
		    compare_place(&names->name[kept - 1], &names->name[i]) != 0)
			names->name[kept++] = names->name[i];
		else
			free(names->name[i].name);
	}
	names->n = kept;
}

/* Could it be taken for an index, or for a name with one behind it? */
static bool
is_ambiguous(const char *name)
{
	size_t len = strlen(name);

	return strspn(name, "0123456789") == len || name[len - 1] == ')';
}

/* Give a name that is no other's alone its index. */
static bool
name_set_text(struct interface_name *name)
{
	size_t size = strlen(name->name) + 16;

	name->text = malloc(size);
	if (name->text == NULL) {
		name->text = name->name;
		return false;
	}
	(void)snprintf(name->text, size, "%s (%" PRIu32 ")", name->name,
	    name->index);
	return true;
}

static bool
names_set_texts(struct interface_names *names)
{
	struct interface_name **by_name =
	    calloc(names->n + 1, sizeof(*by_name));
	bool good = by_name != NULL;

	for (size_t i = 0; i < names->n && good; i++)
		by_name[i] = &names->name[i];
	if (good)
		qsort(by_name, names->n, sizeof(*by_name), compare_name);
	for (size_t i = 0; i < names->n && good; i++) {
		struct interface_name **at = &by_name[i];

		if (is_ambiguous((*at)->name) ||
		    (i > 0 && compare_name(at - 1, at) == 0) ||
		    (i + 1 < names->n && compare_name(at, at + 1) == 0))
			good = name_set_text(*at);
	}
	free(by_name);
	return good;
}

/* What there is no memory for has no name. */
static void
names_collect(struct interface_names *names)
{
	bool good;

	names_clear(names);
	good = decoder_each_name(names->captures, NULL, names_add, names) == 0;
	if (good && names->saved != NULL)
		good = decoder_each_name(
			   names->saved, NULL, names_add, names) == 0;
	if (good && names->n > 0) {
		names_sort(names);
		good = names_set_texts(names);
	}
	if (!good)
		names_clear(names);
	names->collected = true;
	names->generation = decoder_generation(names->captures);
}

const char *
interface_names_find(struct interface_names *names,
    const struct addr *exporter, uint32_t index)
{
	const struct interface_name wanted = { .exporter = *exporter,
		.index = index }, *name = NULL;

	if (!names->collected ||
	    names->generation != decoder_generation(names->captures))
		names_collect(names);
	if (names->n > 0)
		name = bsearch(&wanted, names->name, names->n,
		    sizeof(*names->name), compare_place);
	names->found |= name != NULL;
	names->missed |= name == NULL;
	return name != NULL ? name->text : NULL;
}
