/*
 * Elements as they are named in texts: "applicationName", in the reverse
 * direction of a biflow "reverseOctetDeltaCount", by number "33000" or, with
 * an enterprise, "6871:40" and, as in outputs, "6871.40".
 *
 * Called by flowd/conf and flowd-stats. Test: test/unit/decode/test_element.c.
 */
#ifndef FLOWD_ELEMENT_NAME_H
#define FLOWD_ELEMENT_NAME_H

#include "element.h"

/* False when there is none of this name. */
bool element_parse(const char *text, struct other_id *id);
/* The name that was meant, or NULL. */
const char *element_suggest(const char *name);

#endif
