/* Texts of failures; see result.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "result.h"

static void __attribute__((format(printf, 4, 0)))
error_set(struct flowd_error *err, int code, int system, const char *fmt,
    va_list ap)
{
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	err->code = code;
	err->system = system;
}

int
flowd_fail(struct flowd_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	error_set(err, code, 0, fmt, ap);
	va_end(ap);
	return code;
}

int
flowd_fail_errno(struct flowd_error *err, const char *fmt, ...)
{
	int system = errno;
	size_t len;
	va_list ap;

	if (err == NULL)
		return FLOWD_EIO;
	va_start(ap, fmt);
	error_set(err, FLOWD_EIO, system, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s",
	    strerror(system));
	return FLOWD_EIO;
}

int
flowd_fail_because(struct flowd_error *err, const struct flowd_error *why,
    const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return why->code;
	va_start(ap, fmt);
	error_set(err, why->code, why->system, fmt, ap);
	va_end(ap);
	return why->code;
}

int
flowd_fail_again(struct flowd_error *err, const struct flowd_error *why)
{
	if (err != NULL)
		*err = *why;
	return why->code;
}

const char *
flowd_result_text(int code)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ FLOWD_OK, "success" },
		{ FLOWD_ENOMEM, "out of memory" },
		{ FLOWD_EIO, "input/output error" },
		{ FLOWD_EOF, "end of file" },
		{ FLOWD_EFORMAT, "malformed" },
		{ FLOWD_EVERSION, "unsupported version" },
		{ FLOWD_ECHECKSUM, "checksum mismatch" },
		{ FLOWD_ERANGE, "out of range" },
		{ FLOWD_EINVAL, "invalid" },
		{ FLOWD_EUNSTORABLE, "cannot be stored in this format" },
		{ FLOWD_ECANCELED, "canceled" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "unknown error";
}
