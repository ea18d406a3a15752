/*
 * UTF-8 in untrusted text. Test: test/unit/base/test_utf8.c.
 */
#ifndef FLOWD_UTF8_H
#define FLOWD_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Length of the UTF-8 sequence at p (RFC 3629), of which left octets are
 * there, at least 1; or 0 when it is none.
 */
size_t utf8_len(const uint8_t *p, size_t left);

/*
 * The number of the control character that the sequence of len octets at p
 * is, or -1: below 0x20, 0x7f, and 0x80 to 0x9f, which terminals obey too.
 */
int utf8_control(const uint8_t *p, size_t len);

#endif
