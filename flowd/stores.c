/* The logs as the parent has them; see stores.h. */
#include <unistd.h>

#include "logfile.h"
#include "stores.h"

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

void
stores_init(struct stores *s)
{
	*s = (struct stores){ .logfile = -1, .staged = -1 };
}

void
stores_fini(struct stores *s)
{
	close_fd(&s->logfile);
	close_fd(&s->staged);
}

bool
stores_stage(struct stores *s, const struct conf *conf)
{
	struct flowd_error err;

	if (conf->logfile == NULL)
		return true;
	s->staged = logfile_open_fd(conf->logfile, &err);
	if (s->staged != -1)
		return true;
	log_error("%s", err.text);
	if (s->logfile != -1)
		log_error("still writing to the old file");
	return s->logfile != -1;
}

void
stores_commit(struct stores *s, const struct conf *conf)
{
	if (s->staged == -1 && conf->logfile != NULL)
		return;
	close_fd(&s->logfile);
	s->logfile = s->staged;
	s->staged = -1;
}

void
stores_abandon(struct stores *s)
{
	close_fd(&s->staged);
}
