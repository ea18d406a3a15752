/* Errors of the classic functions; see compat_error.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compat_error.h"

int
compat_fail(char *ebuf, int elen, int code, const char *fmt, ...)
{
	va_list ap;

	if (ebuf == NULL || elen <= 0)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(ebuf, (size_t)elen, fmt, ap);
	va_end(ap);
	return code;
}

int
compat_fail_errno(char *ebuf, int elen, int code, const char *doing)
{
	return compat_fail(ebuf, elen, code, "%s: %s", doing, strerror(errno));
}
