/* The configuration in use; see conf.h. */
#include <stdlib.h>

#include "conf.h"
#include "log.h"
#include "recv_queue.h"

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	ruleset_free(conf->rules);
	filter_fini(&conf->filter);
	source_fini(&conf->src);
	free(conf->path);
	free(conf->cwd);
	free(conf);
}

const char *
conf_statefile(const struct conf *conf)
{
	return conf->statefile;
}

size_t
conf_backlog(const struct conf *conf)
{
	return conf->backlog != 0 ? conf->backlog : RECV_QUEUE_DEFAULT;
}

bool
conf_permits(const struct conf *conf, const struct addr *exporter)
{
	if (conf->any_source || conf->nsources == 0)
		return true;
	for (size_t i = 0; i < conf->nsources; i++)
		if (prefix_match(&conf->sources[i], exporter))
			return true;
	return false;
}

void
conf_warn(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlogdirs; i++) {
		const struct logdir_conf *d = &conf->logdirs[i];

		if (d->name != NULL && !(conf->rule_logs >> i & 1))
			log_warn("logdir %s stays empty: no rule has \"accept "
			    "log %s\"", d->path, d->name);
	}
}
