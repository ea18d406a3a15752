/* The logs of a configuration; see conf_logs.h. */
#include "conf_logs.h"

size_t
conf_logs(const struct conf *conf, struct conf_log logs[CONF_LOGS_MAX])
{
	size_t n = 0;

	if (conf->logfile != NULL)
		logs[n++] = (struct conf_log){
			DESTINATION_LOGFILE, 0, conf->logfile };
	for (unsigned i = 0; i < conf->nlogdirs; i++)
		logs[n++] = (struct conf_log){
			DESTINATION_LOGDIR, i, conf->logdirs[i].path };
	if (conf->logsock != NULL)
		logs[n++] = (struct conf_log){
			DESTINATION_LOGSOCK, 0, conf->logsock };
	return n;
}
