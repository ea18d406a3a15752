/*
 * Serialized configurations; see conf_image.h. Integers are in host byte order:
 * an image never leaves the machine.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "conf_image.h"
#include "conf_parse.h"

static const char magic[8] = "FLOWCNF1";

enum { TEXT_MAX_OCTETS = 256 * 1024 * 1024 };

struct image_reader {
	struct bytes left;
	bool failed;
};

static void
put_u64(struct buf *out, uint64_t v)
{
	buf_append(out, &v, sizeof(v));
}

static void
put_bytes(struct buf *out, const void *p, size_t len)
{
	static const char zeros[8];

	put_u64(out, len);
	buf_append(out, p, len);
	/* Align the next item. */
	buf_append(out, zeros, (8 - len % 8) % 8);
}

static void
put_table(struct buf *out, const struct prefix_table *t)
{
	put_bytes(out, t->set.v4.at, t->set.v4.n * sizeof(*t->set.v4.at));
	put_bytes(out, t->set.v6.at, t->set.v6.n * sizeof(*t->set.v6.at));
}

void
conf_image_write(const struct conf *conf, struct buf *out)
{
	struct buf text;

	buf_init(&text, TEXT_MAX_OCTETS);
	ast_print(&conf->ast, &text);
	buf_append(out, magic, sizeof(magic));
	put_bytes(out, conf->path, strlen(conf->path) + 1);
	put_bytes(out, conf->cwd, strlen(conf->cwd) + 1);
	put_bytes(out, text.ptr, text.len);
	for (const struct prefix_table *t = conf->filter.tables; t != NULL;
	     t = t->next)
		put_table(out, t);
	out->failed |= !buf_ok(&text);
	buf_fini(&text);
}

static const uint8_t *
octets_take(struct image_reader *r, size_t len)
{
	const uint8_t *p = r->left.ptr;

	if (r->failed || len > r->left.len) {
		r->failed = true;
		return NULL;
	}
	r->left = bytes_behind(r->left, len);
	return p;
}

static struct bytes
take_bytes(struct image_reader *r)
{
	const uint8_t *p = octets_take(r, sizeof(uint64_t));
	uint64_t len = 0;

	if (p != NULL)
		memcpy(&len, p, sizeof(len));
	if (len > r->left.len) {
		r->failed = true;
		return (struct bytes){ NULL, 0 };
	}
	p = octets_take(r, (size_t)len);
	(void)octets_take(r, (8 - (size_t)len % 8) % 8);
	return (struct bytes){ p, (size_t)len };
}

/* Read a NUL-terminated string; "" on failure. */
static const char *
take_text(struct image_reader *r)
{
	struct bytes b = take_bytes(r);

	if (b.len > 0 && b.ptr[b.len - 1] == '\0')
		return (const char *)b.ptr;
	r->failed = true;
	return "";
}

static int
load_set(struct image_reader *r, struct prefix_set *set)
{
	struct bytes v4 = take_bytes(r), v6 = take_bytes(r);

	if (r->failed || v4.len % sizeof(uint32_t) != 0 ||
	    v6.len % sizeof(struct addr6) != 0)
		return FLOWD_EFORMAT;
	/* Aligned: the image is, and its items are padded. */
	return prefix_set_adopt(set, (const uint32_t *)(const void *)v4.ptr,
	    v4.len / sizeof(uint32_t),
	    (const struct addr6 *)(const void *)v6.ptr,
	    v6.len / sizeof(struct addr6));
}

static int
load_tables(struct prefix_table *tables, struct diag_sink *sink, void *arg)
{
	int bad = 0;

	(void)sink;
	for (struct prefix_table *t = tables; t != NULL && bad == 0;
	     t = t->next)
		bad = load_set(arg, &t->set);
	return bad;
}

struct conf *
conf_image_read(struct bytes image, bool rules, struct flowd_error *err)
{
	struct image_reader r = { .left = image };
	const uint8_t *head = octets_take(&r, sizeof(magic));
	const struct conf_tables tables = { .load = load_tables, .arg = &r };
	struct conf_request req = { .use = CONF_DAEMON };
	struct conf *conf = NULL;
	struct bytes text;

	if (head == NULL || memcmp(head, magic, sizeof(magic)) != 0)
		r.failed = true;
	req.path = take_text(&r);
	req.cwd = take_text(&r);
	text = take_bytes(&r);
	if (!r.failed)
		conf = conf_parse_text(&req, text, rules ? &tables : NULL);
	if (conf == NULL || r.failed)
		(void)flowd_fail(err, FLOWD_EFORMAT,
		    "the configuration image is invalid");
	return conf;
}

/* Use mmap(2): the sandbox may not permit read(2) of files. */
struct conf *
conf_image_read_fd(int fd, bool rules, struct flowd_error *err)
{
	struct conf *conf;
	struct stat st;
	void *octets;

	if (fstat(fd, &st) != 0 || st.st_size <= 0 ||
	    st.st_size > CONF_IMAGE_MAX) {
		(void)flowd_fail(err, FLOWD_EIO,
		    "cannot read the configuration image");
		return NULL;
	}
	octets = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (octets == MAP_FAILED) {
		(void)flowd_fail(err, FLOWD_ENOMEM,
		    "cannot map the configuration image");
		return NULL;
	}
	conf = conf_image_read((struct bytes){ octets, (size_t)st.st_size },
	    rules, err);
	(void)munmap(octets, (size_t)st.st_size);
	return conf;
}
