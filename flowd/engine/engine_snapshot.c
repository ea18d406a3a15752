/* Snapshots of the state of exporters; see engine_snapshot.h. */
#include "engine_snapshot.h"
#include "log.h"
#include "steer.h"

void
engine_save_snapshot(struct engine *e, bool always)
{
	uint64_t generation = decoder_generation(e->pipeline.dec);
	struct buf out;

	if (!always && generation == e->snapshot_generation)
		return;
	buf_init(&out, SNAPSHOT_OCTETS);
	decoder_save(e->pipeline.dec, &out);
	if (buf_ok(&out))
		(void)snapshot_put(&e->snapshot,
		    (struct bytes){ out.ptr, out.len });
	else
		log_debug("the state of exporters is too large for a snapshot");
	buf_fini(&out);
	e->snapshot_generation = generation;
}

/* Does this engine handle the exporter? */
static bool
is_own_exporter(const struct addr *exporter, void *arg)
{
	const struct engine *e = arg;

	return steer_choose(exporter, e->number.of) == e->number.index;
}

void
engine_load_snapshots(struct engine *e)
{
	struct bytes states = snapshot_get(&e->snapshot), one;
	const struct decoder_load own = { .accept = is_own_exporter,
		.arg = e };
	struct decoder_loaded loaded, all = { 0, 0, 0, 0 };
	struct flowd_error err;

	while ((one = decoder_state_next(&states)).len > 0) {
		if (decoder_load(e->pipeline.dec, one, &own, &loaded, &err) !=
		    0)
			log_warn("cannot load the state of exporters: %s",
			    err.text);
		all.exporters += loaded.exporters;
		all.templates += loaded.templates;
	}
	if (all.exporters > 0)
		log_debug("loaded exporters: %u, templates: %u",
		    (unsigned)all.exporters, (unsigned)all.templates);
}
