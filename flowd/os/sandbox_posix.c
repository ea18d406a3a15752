/* Sandboxing without seccomp; see sandbox.h. */
#define _DEFAULT_SOURCE
#define _BSD_SOURCE /* pledge */
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox.h"

int
sandbox_basics(void)
{
	struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_CORE, &none);
}

int
identity_take_for_reading(const struct identity *id)
{
	(void)id;
	return sandbox_enter(SANDBOX_LOADER);
}

int
sandbox_enter(enum sandbox_kind kind)
{
	if (sandbox_basics() != 0)
		return -1;
#ifdef __OpenBSD__
	if (kind == SANDBOX_CONTROL)
		return pledge("stdio unix inet recvfd", NULL);
	if (kind == SANDBOX_FORWARDER)
		return pledge("stdio inet recvfd", NULL);
	if (kind == SANDBOX_SEALER)
		return pledge("stdio", NULL);
	return pledge(kind == SANDBOX_LOADER ? "stdio rpath"
					     : "stdio recvfd sendfd",
	    NULL);
#else
	(void)kind;
	return 0;
#endif
}

const char *
sandbox_name(void)
{
#ifdef __OpenBSD__
	return "pledge";
#else
	return "none";
#endif
}
