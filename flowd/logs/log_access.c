/* Access to log files; see log_access.h. */
#include "identity.h"
#include "log_access.h"

enum { GROUP_READS = 0640 };

int
log_access_find(const struct conf_access *a, struct file_access *access,
    struct flowd_error *err)
{
	*access = (struct file_access){ .mode = (mode_t)a->mode };
	if (a->group == NULL)
		return 0;
	if (!identity_group(a->group, &access->group))
		return flowd_fail(err, FLOWD_EINVAL, "group %s does not exist",
		    a->group);
	if (a->mode == 0)
		access->mode = GROUP_READS;
	access->has_group = true;
	return 0;
}
