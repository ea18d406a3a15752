/*
 * libflowd: flow logs, and the flows in them.
 *
 *	flowd/version.h	the version of the library
 *	flowd/error.h	what functions return
 *	flowd/addr.h	IP addresses
 *	flowd/column.h	what a flow consists of
 *	flowd/batch.h	flows as a struct of arrays
 *	flowd/classic.h	a flow as a record of a log of version 3
 *	flowd/scan.h	the flows of logs and captures that pass an expression
 *	flowd/query.h	flows grouped by keys
 *	flowd/format.h	flows as text
 *	flowd/writer.h	logs that are written
 *	flowd/decoder.h	NetFlow and IPFIX datagrams to flows
 *	flowd/arrow.h	batches for Arrow's C data interface
 *
 * This header includes all of them. The manual is libflowd(3).
 *
 * The library has no global state, prints nothing and ends no program. Objects
 * are opaque; who makes one with _new() or _open() frees it with _free() or
 * _close(). Several threads may use objects of their own at the same time.
 */
#ifndef LIBFLOWD_H
#define LIBFLOWD_H

#include <flowd/addr.h>
#include <flowd/arrow.h>
#include <flowd/batch.h>
#include <flowd/classic.h>
#include <flowd/column.h>
#include <flowd/decoder.h>
#include <flowd/error.h>
#include <flowd/format.h>
#include <flowd/query.h>
#include <flowd/scan.h>
#include <flowd/version.h>
#include <flowd/writer.h>

#endif
