/* The version of the library; see include/flowd/version.h.in. */
#include "flowd/version.h"

int
flowd_version_number(void)
{
	return FLOWD_VERSION_NUMBER;
}

const char *
flowd_version(void)
{
	return FLOWD_VERSION;
}
