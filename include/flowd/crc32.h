/*
 * The checksum of records: a header of the first flowd; see compat.h.
 */
#ifndef LIBFLOWD_CRC32_H
#define LIBFLOWD_CRC32_H

#include <flowd/compat.h>

#endif
