/*
 * What headers of the first flowd had in common; see compat.h.
 */
#ifndef LIBFLOWD_FLOWD_COMMON_H
#define LIBFLOWD_FLOWD_COMMON_H

#include <flowd/compat.h>

#endif
