/* Rate limits of messages; see ratelimit.h. */
#include "ratelimit.h"

bool
ratelimit_pass(struct ratelimit *r, unsigned burst, int64_t now_s)
{
	if (r->written == 0)
		r->since_s = now_s;
	if (r->written < burst) {
		r->written++;
		return true;
	}
	r->withheld++;
	return false;
}

uint64_t
ratelimit_end(struct ratelimit *r, int64_t interval_s, int64_t now_s)
{
	uint64_t withheld = r->withheld;

	if (r->written == 0 || now_s - r->since_s < interval_s)
		return 0;
	*r = (struct ratelimit){ .written = 0 };
	return withheld;
}

int64_t
ratelimit_left(const struct ratelimit *r, int64_t interval_s, int64_t now_s)
{
	int64_t left = interval_s - (now_s - r->since_s);

	if (r->withheld == 0)
		return -1;
	return left > 0 ? left : 0;
}
