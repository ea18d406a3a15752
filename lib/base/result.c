/* Texts of failures; see result.h. */
#include <stdarg.h>
#include <stdio.h>

#include "result.h"

int
flowd_fail(struct flowd_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
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
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "unknown error";
}
