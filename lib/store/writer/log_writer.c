/* Writing logs; see log_writer.h. */
#include <string.h>
#include <time.h>

#include "log_writer.h"
#include "num.h"
#include "seed.h"
#include "v3.h"

enum {
	PAUSE_SEC = 1, /* interval of blocks when flows arrive slowly */
	/* highest zstd level that can be read with little memory */
	LEVEL_MAX = 19
};

bool
log_writer_format(const char *name, struct log_writer_format *format)
{
	static const struct {
		const char *name;
		struct log_writer_format format;
	} formats[] = {
		{ "v3", { 3, COMPRESS_NONE, 0 } },
		{ "v4", { 4, COMPRESS_ZSTD, 0 } },
		{ "v4:zstd", { 4, COMPRESS_ZSTD, 0 } },
		{ "v4:lz4", { 4, COMPRESS_LZ4, 0 } },
		{ "v4:none", { 4, COMPRESS_NONE, 0 } },
	};
	static const char zstd[] = "v4:zstd:";
	uint64_t level;

	if (strncmp(name, zstd, sizeof(zstd) - 1) == 0) {
		if (num_parse(name + sizeof(zstd) - 1, LEVEL_MAX, &level) !=
			0 ||
		    level == 0)
			return false;
		*format = (struct log_writer_format){ 4, COMPRESS_ZSTD,
			(int)level };
		return true;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(name, formats[i].name) == 0) {
			*format = formats[i].format;
			return true;
		}
	return false;
}

static int64_t
now_sec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* What makes blocks, of version 4. */
static int
log_writer_begin(struct log_writer *log,
    const struct log_writer_format *format, struct flowd_error *err)
{
	struct block_options o = { .compression = format->compression,
		.level = format->level,
		.seed = seed_draw() };

	log->format = *format;
	log->written_sec = now_sec();
	if (format->version == 4) {
		log->writer = block_writer_new(&o);
		log->index = segment_index_writer_new(o.seed);
		if (log->writer == NULL || log->index == NULL)
			return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	}
	return 0;
}

int
log_writer_open(struct log_writer *log, const char *path,
    const struct log_writer_format *format, char *const *inputs,
    struct flowd_error *err)
{
	int bad = log_writer_begin(log, format, err);

	return bad == 0 ? output_open(&log->out, path, 0600, inputs, err)
			: bad;
}

int
log_writer_open_fd(struct log_writer *log, int fd, const char *name,
    const struct log_writer_format *format, struct flowd_error *err)
{
	int bad = log_writer_begin(log, format, err);

	if (bad == 0)
		output_init(&log->out, fd, name);
	return bad;
}

static int
finish_block(struct log_writer *log, struct flowd_error *err)
{
	size_t before = log->out.buf.len;
	int n = block_writer_finish(log->writer, &log->out.buf);

	if (n < 0)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", log->out.name);
	log->written_sec = now_sec();
	if (n > 0 &&
	    segment_index_writer_add(log->index,
		(struct bytes){ log->out.buf.ptr + before,
		    log->out.buf.len - before },
		err) != 0)
		return FLOWD_ENOMEM;
	return output_push(&log->out, err);
}

/* Writes the last block and the index. */
static int
finish_log(struct log_writer *log, struct flowd_error *err)
{
	int bad = finish_block(log, err);

	if (bad != 0)
		return bad;
	if (segment_index_writer_finish(log->index, &log->out.buf) != 0)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", log->out.name);
	return 0;
}

static int
rows_v4(struct log_writer *log, const struct batch *batch,
    struct flowd_error *err)
{
	size_t row = block_writer_add(log->writer, batch, 0);

	while (row < batch->nrows) {
		int bad = finish_block(log, err);

		if (bad != 0)
			return bad;
		row = block_writer_add(log->writer, batch, row);
	}
	return 0;
}

int
log_writer_rows(struct log_writer *log, const struct batch *batch,
    uint32_t wanted, struct flowd_error *err)
{
	if (log->format.version == 4)
		return rows_v4(log, batch, err);
	if (v3_write(batch, wanted, &log->out.buf, &log->unstorable) < 0)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", log->out.name);
	return output_push(&log->out, err);
}

int
log_writer_flush(struct log_writer *log, struct flowd_error *err)
{
	int bad = log->writer != NULL ? finish_block(log, err) : 0;

	return bad == 0 ? output_flush(&log->out, err) : bad;
}

int
log_writer_pause(struct log_writer *log, struct flowd_error *err)
{
	if (log->writer != NULL && now_sec() - log->written_sec >= PAUSE_SEC)
		return log_writer_flush(log, err);
	return output_flush(&log->out, err);
}

int
log_writer_close(struct log_writer *log, struct flowd_error *err)
{
	struct flowd_error ignored;
	int bad = 0;

	if (log->writer != NULL && log->out.fd != -1 && !log->out.failed)
		bad = finish_log(log, err);
	block_writer_free(log->writer);
	segment_index_writer_free(log->index);
	log->writer = NULL;
	log->index = NULL;
	if (bad == 0)
		return output_close(&log->out, err);
	(void)output_close(&log->out, &ignored);
	return bad;
}
