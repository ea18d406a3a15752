/*
 * Logs of version 2: a header of the first flowd; see compat.h.
 */
#ifndef LIBFLOWD_STORE_V2_H
#define LIBFLOWD_STORE_V2_H

#include <flowd/compat.h>

#endif
