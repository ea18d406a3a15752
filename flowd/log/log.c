/* Messages of the daemon; see log.h. */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "ratelimit.h"
#include "utf8.h"

enum { MESSAGE_MAX = 2048, MS_PER_S = 1000 };

static const struct log_kind_info {
	int level;
	unsigned burst;
	int interval_s;
	const char *text;
} kinds[LOG_KINDS] = {
#define LOG_KIND(word, level, burst, interval, text) \
	{ level, burst, interval, text },
#include "log_kinds.def"
#undef LOG_KIND
};

/* The log of the process. */
static struct {
	bool verbose;
	bool syslog;
	bool journal; /* standard error goes to the journal */
	struct buf *copy; /* borrowed, or NULL */
	struct ratelimit rate[LOG_KINDS];
} state;

static int64_t
now_s(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec;
}

/*
 * Is standard error connected to the journal (JOURNAL_STREAM)? Then the level
 * is a number in front of each line.
 */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char want[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(want, sizeof(want), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, want) == 0;
}

void
log_init(bool verbose)
{
	memset(&state, 0, sizeof(state));
	state.verbose = verbose;
	state.journal = is_journal();
}

void
log_prefix_level(void)
{
	state.journal = true;
}

bool
log_has_prefix(void)
{
	return state.journal;
}

void
log_to_syslog(void)
{
	openlog("flowd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	state.syslog = true;
}

void
log_copy(struct buf *copy)
{
	state.copy = copy;
}

/*
 * Messages contain text from configurations and the network. Replace control
 * characters and invalid UTF-8 by '?'.
 */
static void
sanitize_text(char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), len;
	char *out = text;

	for (; left > 0; p += len, left -= len) {
		len = utf8_len(p, left);
		if (len == 0 || (utf8_control(p, len) >= 0 && *p != '\t')) {
			*out++ = '?';
			len += len == 0;
		} else {
			memmove(out, p, len);
			out += len;
		}
	}
	*out = '\0';
}

/* Copy a line for log_copy(). */
static void
copy_line(int level, const char *text)
{
	if (state.copy != NULL && level <= LOG_WARNING)
		buf_printf(state.copy, "%s\n", text);
}

static void
write_line(int level, const char *text)
{
	char mark[8] = "";

	if (state.syslog) {
		syslog(level, "%s", text);
		return;
	}
	if (state.journal)
		(void)snprintf(mark, sizeof(mark), "<%d>", level);
	/* A single write keeps lines of several processes apart. */
	(void)fprintf(stderr, "%s%s\n", mark, text);
}

static void format_line(char text[MESSAGE_MAX], const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
format_line(char text[MESSAGE_MAX], const char *fmt, va_list ap)
{
	(void)vsnprintf(text, MESSAGE_MAX, fmt, ap);
	sanitize_text(text);
}

static void log_put(int level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
log_put(int level, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX];

	format_line(text, fmt, ap);
	copy_line(level, text);
	write_line(level, text);
}

static void log_text(int level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
log_text(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_put(level, fmt, ap);
	va_end(ap);
}

static void
log_withheld(enum log_kind i, struct ratelimit *rate, const char *of,
    int64_t now)
{
	const struct log_kind_info *kind = &kinds[i];
	uint64_t n = ratelimit_end(rate, kind->interval_s, now);

	if (n > 0)
		log_text(kind->level, "%" PRIu64 " more %s%s in the last %d s",
		    n, kind->text, of, kind->interval_s);
}

void
log_relay_tick(struct log_source *source)
{
	char of[64];

	(void)snprintf(of, sizeof(of), " of the %s", source->name);
	log_withheld(LOG_KIND_RELAY, &source->rate, of, now_s());
}

static int
kind_timeout(enum log_kind kind, const struct ratelimit *rate)
{
	int64_t left =
	    ratelimit_left(rate, kinds[kind].interval_s, now_s());

	return left < 0 ? -1 : (int)left * MS_PER_S;
}

int
log_relay_timeout(const struct log_source *source)
{
	return kind_timeout(LOG_KIND_RELAY, &source->rate);
}

static bool
source_is_allowed(struct log_source *source, int level)
{
	if (level == LOG_DEBUG && state.verbose)
		return true;
	if (source->exempt > 0) {
		source->exempt--;
		return true;
	}
	log_relay_tick(source);
	return ratelimit_pass(
	    &source->rate, kinds[LOG_KIND_RELAY].burst, now_s());
}

void
log_relay(struct log_source *source, const char *line)
{
	int level = LOG_ERR;

	if (line[0] == '<' && line[1] >= '0' && line[1] <= '9' &&
	    line[2] == '>') {
		level = line[1] - '0';
		line += 3;
	}
	if (level < LOG_ERR || level > LOG_DEBUG)
		level = LOG_ERR;
	if (source_is_allowed(source, level))
		log_text(level, "%s", line);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_put(LOG_ERR, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_put(LOG_WARNING, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_put(LOG_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!state.verbose)
		return;
	va_start(ap, fmt);
	log_put(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_limited(enum log_kind kind, const char *fmt, ...)
{
	int64_t now = now_s();
	char text[MESSAGE_MAX];
	bool pass;
	va_list ap;

	log_withheld(kind, &state.rate[kind], "", now);
	pass = ratelimit_pass(&state.rate[kind], kinds[kind].burst, now);
	if (!pass && state.copy == NULL)
		return;
	va_start(ap, fmt);
	format_line(text, fmt, ap);
	va_end(ap);
	copy_line(kinds[kind].level, text);
	if (pass)
		write_line(kinds[kind].level, text);
}

void
log_tick(void)
{
	int64_t now = now_s();

	for (unsigned i = 0; i < LOG_KINDS; i++)
		log_withheld(
		    (enum log_kind)i, &state.rate[i], "", now);
}

int
log_timeout(void)
{
	int least = -1;

	for (unsigned i = 0; i < LOG_KINDS; i++) {
		int left =
		    kind_timeout((enum log_kind)i, &state.rate[i]);

		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

bool
log_due(struct log_limit *limit)
{
	int64_t now = now_s();

	if (now < limit->again_s)
		return false;
	limit->again_s = now + LOG_INTERVAL_S;
	return true;
}
