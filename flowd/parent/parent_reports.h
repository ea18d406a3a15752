/*
 * The reports of the parent (responder.h): itself, its children and the logs.
 * Called by parent.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_PARENT_REPORTS_H
#define FLOWD_PARENT_REPORTS_H

#include "responder.h"

enum { PARENT_REPORTS = 3 };

/* Their arg is the struct parent. */
extern const struct responder_row parent_reports[PARENT_REPORTS];

#endif
