/*
 * The templates of streams: by id, in order of use, and in groups of the same
 * id.
 *
 * After adding a template, call early_ready(): data may be waiting for it.
 * decode.c, early.c, state_load.c and stream.c use it.
 * Test: test/unit/decode/test_exporter.c, test_stream.c.
 */
#ifndef FLOWD_TEMPLATE_STORE_H
#define FLOWD_TEMPLATE_STORE_H

#include "exporter.h"

/* The template of the stream with this id, or NULL. Marks it as used. */
struct template *template_get(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template with this id that the exporter's streams of the same version and
 * domain have, if all that have one agree; else NULL. The stream itself may yet
 * receive another one.
 */
struct template *template_common(struct exporters *all, struct stream *s,
    uint16_t id);
/* The common template, if the stream continues one that has it; else NULL. */
struct template *template_borrow(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The common template for a set that has waited for early_ms, if the exporter
 * has been known for long and its ports are random; else NULL.
 */
struct template *template_assume(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that is likely to describe sets waiting in the stream: of an
 * earlier link of its chain, or the common one. Use it only to estimate the
 * number of records.
 */
struct template *template_expected(struct exporters *all, struct stream *s,
    uint16_t id);

/*
 * Adds t, replacing the template with its id. Returns false without room or
 * memory; then t is freed.
 */
bool template_add(struct exporters *all, struct stream *s, struct template *t);
void template_remove(struct exporters *all, struct template *t);
/*
 * Moves templates to another stream of the same exporter, version and domain,
 * except those whose id it has.
 */
void templates_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* Removes all flow templates, or all options templates, of a stream. */
void template_remove_all(struct exporters *all, struct stream *s,
    bool options);

/* How many templates the exporter has. */
uint32_t exporter_templates(const struct exporter *x);

#endif
