/*
 * Templates as they are kept: of a stream by their number, of an exporter in
 * order of use, and with others of their number.
 *
 * Who adds a template calls early_ready() as well: data may wait for it.
 * Called by decode.c, early.c, state_load.c and stream.c.
 * Test: test/unit/decode/test_exporter.c, test_stream.c.
 */
#ifndef FLOWD_TEMPLATE_STORE_H
#define FLOWD_TEMPLATE_STORE_H

#include "exporter.h"

/* The template of the stream with this number, or NULL. Marks it used. */
struct template *template_get(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that streams of the exporter with this version and domain have
 * under this number, when all that have one have the same; else NULL. The
 * stream itself may have another one yet.
 */
struct template *template_common(struct exporters *all, struct stream *s,
    uint16_t id);
/* That one, if the stream goes on where one of those that have it stopped. */
struct template *template_borrow(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * That one for a datagram that has waited, when the exporter has been known
 * for long and has sent from many ports, of which none has come again.
 */
struct template *template_assume(struct exporters *all, struct stream *s,
    uint16_t id);
/*
 * The template that what waits in the stream may have: that of an earlier port
 * of its chain, else the common one. It tells how many records there are, and
 * is for nothing else.
 */
struct template *template_expected(struct exporters *all, struct stream *s,
    uint16_t id);

/*
 * Take t over, in place of the one with its number. False when there is no
 * room or memory for it: then it was freed.
 */
bool template_add(struct exporters *all, struct stream *s, struct template *t);
void template_remove(struct exporters *all, struct template *t);
/* Give the templates of from to another stream that has none of their number;
 * the others stay. Both are of one exporter, version and domain. */
void templates_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* Remove all flow templates, or all options templates, of a stream. */
void template_remove_all(struct exporters *all, struct stream *s,
    bool options);

/* Templates that are known of it. */
uint32_t exporter_templates(const struct exporter *x);

#endif
