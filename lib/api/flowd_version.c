/* The version of the library; see include/flowd/error.h. */
#include "flowd/error.h"

const char *
flowd_version(void)
{
	return FLOWD_VERSION;
}
