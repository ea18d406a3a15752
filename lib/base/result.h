/*
 * What a library function returns: 0 or a count on success, one of these on
 * failure; and, where a human will read of it, the text of the failure.
 *
 * Everything below lib/ reports this way: no function here logs or exits.
 */
#ifndef FLOWD_RESULT_H
#define FLOWD_RESULT_H

enum flowd_result {
	FLOWD_OK = 0,
	FLOWD_ENOMEM = -1,	/* out of memory, or past a set maximum */
	FLOWD_EIO = -2,		/* the system refused: errno is in the text */
	FLOWD_EOF = -3,		/* a clean end of the input */
	FLOWD_EFORMAT = -4,	/* the bytes are not what they should be */
	FLOWD_EVERSION = -5,	/* a version that is not supported */
	FLOWD_ECHECKSUM = -6,	/* a checksum does not match */
	FLOWD_ERANGE = -7,	/* a number outside of its range */
	FLOWD_EINVAL = -8,	/* a word or a value that makes no sense */
	FLOWD_EUNSTORABLE = -9	/* the format cannot hold this flow */
};

/* The text of a failure, for people: names the thing, the place, the reason. */
struct flowd_error {
	char text[512];
};

/*
 * Set the text of err, unless err is NULL, and return code, so that a caller
 * can write: return flowd_fail(err, FLOWD_EFORMAT, "...").
 */
int flowd_fail(struct flowd_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Short text of a code, "checksum mismatch" for FLOWD_ECHECKSUM. */
const char *flowd_result_text(int code);

#endif
