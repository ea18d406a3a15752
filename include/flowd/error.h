/*
 * What the functions of libflowd return: 0 or a count on success, one of these
 * on failure. Where a person will read of it they also set a struct
 * flowd_error, which is optional: the pointer to it may be NULL.
 *
 * Every function of the library, and of this project, reports in this way.
 * None of them prints or ends the program.
 */
#ifndef LIBFLOWD_ERROR_H
#define LIBFLOWD_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum flowd_result {
	FLOWD_OK = 0,
	FLOWD_ENOMEM = -1,	/* out of memory, or past a set maximum */
	FLOWD_EIO = -2,		/* the system refused, or a file changed */
	FLOWD_EOF = -3,		/* a clean end of the input */
	FLOWD_EFORMAT = -4,	/* the bytes are not what they should be */
	FLOWD_EVERSION = -5,	/* a version that is not supported */
	FLOWD_ECHECKSUM = -6,	/* a checksum does not match */
	FLOWD_ERANGE = -7,	/* a number outside of its range */
	FLOWD_EINVAL = -8,	/* a word or a value that makes no sense */
	FLOWD_EUNSTORABLE = -9,	/* the format cannot hold this flow */
	FLOWD_ECANCELED = -10	/* the caller ended it before it was done */
};

/*
 * A failure. It is set by functions that fail, and by no others. A function
 * that returns a code sets the same code; one that returns NULL has no other
 * way to say it.
 */
struct flowd_error {
	char text[512];	/* for people: the thing, the place, the reason */
	int code;	/* enum flowd_result; 0 in a warning */
	int system;	/* FLOWD_EIO: errno; 0 where it is no system call */
};

/* Short text of a code, "checksum mismatch" for FLOWD_ECHECKSUM. Static. */
const char *flowd_result_text(int code);

#ifdef __cplusplus
}
#endif

#endif
