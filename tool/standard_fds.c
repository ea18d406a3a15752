/* Standard descriptors that are closed; see standard_fds.h. */
#include <fcntl.h>
#include <unistd.h>

#include "standard_fds.h"

void
standard_fds_take(void)
{
	/* open() gives the least number that is free: this one. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}
