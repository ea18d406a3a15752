/* Unsupported protocols in the log; see unsupported_log.h. */
#include "log.h"
#include "unsupported_log.h"

enum {
	TEXT_OCTETS = 256
};

static void
unsupported_log_one(const struct addr *from, const struct unsupported *f)
{
	char addr[ADDR_TEXT_MAX];
	struct buf text;

	(void)addr_format_scoped(from, addr);
	buf_init(&text, TEXT_OCTETS);
	decoder_put_unsupported(f, &text);
	log_limited(LOG_KIND_UNSUPPORTED, "%s sends %.*s", addr, (int)text.len,
	    (const char *)text.ptr);
	buf_fini(&text);
}

void
unsupported_log_update(struct decoder *dec)
{
	struct addr from;
	struct unsupported f;

	while (decoder_unsupported_next(dec, &from, &f))
		unsupported_log_one(&from, &f);
}
