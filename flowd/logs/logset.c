/* The logs as the parent has them; see logset.h. */
#include "logset.h"
#include "logset_kind.h"

/* The kinds that the parent opens. */
static const struct logset_kind *const kinds[DESTINATIONS] = {
	[DESTINATION_LOGFILE] = &logset_logfile,
	[DESTINATION_LOGDIR] = &logset_logdirs,
};

/* The kind of a slot, from an untrusted message; or NULL. */
static const struct logset_kind *
kind_of(unsigned slot)
{
	return slot < SLOTS ? kinds[slot_destination(slot)] : NULL;
}

void
logset_init(struct logset *s)
{
	*s = (struct logset){ .staged = -1 };
	generations_init(&s->logfile);
	for (unsigned i = 0; i < LOGSET_DIRS; i++)
		s->dirs[i] = (struct logset_dir){ .fd = -1, .old_fd = -1,
			.dir = { .fd = -1 } };
}

void
logset_fini(struct logset *s)
{
	logset_close_dirs(s);
	logset_logfile.abandon(s, NULL);
	generations_fini(&s->logfile);
}

bool
logset_stage(struct logset *s, struct shmem *p, const struct conf *conf)
{
	for (unsigned i = 0; i < DESTINATIONS; i++)
		if (kinds[i] != NULL && !kinds[i]->stage(s, p, conf)) {
			logset_abandon(s, p);
			return false;
		}
	return true;
}

void
logset_commit(struct logset *s, const struct conf *conf)
{
	for (unsigned i = 0; i < DESTINATIONS; i++)
		if (kinds[i] != NULL)
			kinds[i]->commit(s, conf);
	conf_warn(conf);
}

void
logset_abandon(struct logset *s, struct shmem *p)
{
	for (unsigned i = 0; i < DESTINATIONS; i++)
		if (kinds[i] != NULL)
			kinds[i]->abandon(s, p);
}

void
logset_file_removed(struct logset *s, const struct conf *conf, unsigned slot,
    uint32_t serial)
{
	const struct logset_kind *kind = kind_of(slot);

	if (kind != NULL)
		kind->file_removed(s, conf, slot, serial);
}

void
logset_released(struct logset *s, unsigned slot, uint32_t serial)
{
	const struct logset_kind *kind = kind_of(slot);

	if (kind != NULL)
		kind->released(s, slot, serial);
}

_Static_assert((int)SLOTS <= 64, "a slot is a bit");

uint64_t
logset_pending(const struct logset *s)
{
	uint64_t slots = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		if (kind_of(i) != NULL && kind_of(i)->is_pending(s, i))
			slots |= (uint64_t)1 << i;
	return slots;
}

const char *
logset_path(const struct logset *s, unsigned slot)
{
	const struct logset_kind *kind = kind_of(slot);

	return kind != NULL ? kind->path(s, slot) : slot_word(slot);
}
