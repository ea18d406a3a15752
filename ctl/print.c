/* Output of flowctl; see print.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "print.h"

void
print_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("flowctl: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

int
print_out(struct buf *out)
{
	const uint8_t *p = out->ptr;
	size_t left = out->len;

	if (!buf_ok(out)) {
		print_error("out of memory");
		return -1;
	}
	while (left > 0) {
		ssize_t n = write(STDOUT_FILENO, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return 1;
		if (n < 0) {
			print_error("standard output: %s", strerror(errno));
			return -1;
		}
		p += n;
		left -= (size_t)n;
	}
	buf_reset(out);
	return 0;
}
