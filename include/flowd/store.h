/*
 * Flows and their logs: a header of the first flowd; see compat.h.
 */
#ifndef LIBFLOWD_STORE_H
#define LIBFLOWD_STORE_H

#include <flowd/compat.h>

#endif
