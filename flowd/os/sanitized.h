/* Is the address sanitizer part of this build? */
#ifndef FLOWD_SANITIZED_H
#define FLOWD_SANITIZED_H

/* It makes system calls and allocates memory of its own. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

#endif
