/* The process that writes logs; see keeper.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "child.h"
#include "daemonlog.h"
#include "keeper.h"
#include "logfile.h"
#include "logsock.h"
#include "mailbox.h"
#include "notify.h"

enum {
	KEEPER_MAILBOXES = 64,
	RETRY_MS = 200, /* how often a log that failed is tried */
	ENTRY_MAX = 4096, /* octets of a path */

	POLL_CHANNEL = 0, /* places in keeper.pfd */
	POLL_LOG,
	POLL_LOGSOCK,
	POLL_WAKES
};

/* A mailbox, and how its engine wakes us. */
struct source {
	struct mailbox mailbox;
	int wake;
};

struct keeper {
	int channel;
	bool going, leaving;
	bool mended; /* what the last keeper left was looked at */
	struct source sources[KEEPER_MAILBOXES];
	size_t nsources;
	struct logfile log; /* its path is NULL when there is none */
	struct logsock sock;
	bool asked; /* the parent for a log socket */
	/* A piece that the log has not taken yet. */
	struct source *stuck; /* NULL: none */
	size_t stuck_len;
	uint64_t stuck_written; /* records in the log before it */
	struct pollfd pfd[POLL_WAKES + KEEPER_MAILBOXES];
};

static void
publish(struct keeper *k)
{
	struct mailbox_shared *s;

	if (k->nsources == 0)
		return;
	s = k->sources[0].mailbox.shared;
	atomic_store(&s->sock_sent, k->sock.sent);
	atomic_store(&s->sock_queued, k->sock.queued);
	atomic_store(&s->sock_lost, k->sock.lost);
}

static void
intend(struct keeper *k, struct source *src, size_t len)
{
	struct stat st;

	if (k->log.regular && fstat(k->log.fd, &st) == 0)
		mailbox_intend(&src->mailbox, len, (uint64_t)st.st_dev,
		    (uint64_t)st.st_ino, (uint64_t)st.st_size);
}

/* Write what waits in one mailbox; false when the log does not take it. */
static bool
write_some(struct keeper *k, struct source *src)
{
	struct bytes piece = mailbox_peek(&src->mailbox);
	uint64_t before = k->log.written;

	if (piece.len == 0)
		return true;
	if (k->log.path != NULL) {
		intend(k, src, piece.len);
		logfile_put(&k->log, piece);
	}
	logsock_put(&k->sock, piece);
	if (logfile_waits(&k->log)) {
		k->stuck = src;
		k->stuck_len = piece.len;
		k->stuck_written = before;
		return false;
	}
	mailbox_take(&src->mailbox, piece.len, k->log.written - before);
	return true;
}

/* The piece that was stuck is out now. */
static void
get_loose(struct keeper *k)
{
	if (k->stuck == NULL || logfile_waits(&k->log))
		return;
	mailbox_take(&k->stuck->mailbox, k->stuck_len,
	    k->log.written - k->stuck_written);
	k->stuck = NULL;
}

static void
write_all(struct keeper *k)
{
	bool more = true;

	logfile_flush(&k->log);
	get_loose(k);
	while (more && k->stuck == NULL) {
		more = false;
		for (size_t i = 0; i < k->nsources && k->stuck == NULL; i++) {
			struct source *src = &k->sources[i];

			if (!write_some(k, src))
				break;
			more |= mailbox_peek(&src->mailbox).len > 0;
		}
	}
	publish(k);
}

/*
 * What the last keeper was about to write when it died is in the file, up to
 * some octet: the whole records of it are done, the rest is taken back.
 */
static void
recover(struct keeper *k)
{
	struct stat st;

	if (!k->log.regular || fstat(k->log.fd, &st) != 0)
		return;
	for (size_t i = 0; i < k->nsources; i++) {
		struct mailbox *m = &k->sources[i].mailbox;
		size_t more = mailbox_recover(m, (uint64_t)st.st_dev,
		    (uint64_t)st.st_ino, (uint64_t)st.st_size);
		struct bytes piece = mailbox_peek(m);
		uint64_t n = 0;
		size_t whole;

		if (more == 0 || more > piece.len)
			continue;
		whole = mailbox_whole((struct bytes){ piece.ptr, more }, &n);
		if (whole < more &&
		    ftruncate(k->log.fd, st.st_size - (off_t)(more - whole)) !=
			0)
			continue;
		mailbox_take(m, whole, n);
	}
}

/* Messages of the parent; each returns false when it cannot go on. */

static bool
take_mailbox(struct keeper *k, const struct message *msg)
{
	struct source *src;

	if (msg->nfds != 2 || k->nsources == KEEPER_MAILBOXES)
		return false;
	src = &k->sources[k->nsources];
	if (!mailbox_map(&src->mailbox, msg->fds[0]))
		return false;
	(void)close(msg->fds[0]);
	src->wake = msg->fds[1];
	k->nsources++;
	return true;
}

static const char *
text_of(const struct message *msg, size_t from, char text[ENTRY_MAX])
{
	size_t len = msg->len > from ? msg->len - from : 0;

	if (len >= ENTRY_MAX)
		len = ENTRY_MAX - 1;
	memcpy(text, msg->data + from, len);
	text[len] = '\0';
	return text;
}

static bool
take_logfile(struct keeper *k, const struct message *msg)
{
	char path[ENTRY_MAX];
	struct flowd_error err;

	if (k->going)
		write_all(k);
	if (msg->nfds == 0) {
		logfile_close(&k->log);
		get_loose(k);
		return true;
	}
	if (logfile_adopt(&k->log, text_of(msg, 0, path), msg->fds[0],
		&err) != 0)
		log_error("%s", err.text);
	if (!k->mended) {
		recover(k);
		logfile_mend(&k->log);
	}
	k->mended = true;
	return true;
}

static bool
take_logsock(struct keeper *k, const struct message *msg)
{
	char path[ENTRY_MAX];
	uint32_t bufsize;

	if (msg->len < sizeof(bufsize))
		return false;
	memcpy(&bufsize, msg->data, sizeof(bufsize));
	(void)text_of(msg, sizeof(bufsize), path);
	logsock_flush(&k->sock);
	if (logsock_set(&k->sock, path[0] != '\0' ? path : NULL, bufsize) != 0)
		log_error("logsock: out of memory; the old one stays");
	k->asked = false;
	return true;
}

static bool
take_logsock_fd(struct keeper *k, const struct message *msg)
{
	int error = 0;

	if (msg->len == sizeof(error))
		memcpy(&error, msg->data, sizeof(error));
	k->asked = false;
	logsock_adopt(&k->sock, msg->nfds == 1 ? msg->fds[0] : -1, error,
	    notify_clock());
	return true;
}

static bool
obey(struct keeper *k, const struct message *msg)
{
	switch (msg->type) {
	case MESSAGE_MAILBOX:
		return take_mailbox(k, msg);
	case MESSAGE_LOGFILE:
		return take_logfile(k, msg);
	case MESSAGE_LOGSOCK:
		return take_logsock(k, msg);
	case MESSAGE_LOGSOCK_FD:
		return take_logsock_fd(k, msg);
	case MESSAGE_GO:
		k->going = true;
		return channel_tell(k->channel, MESSAGE_READY) == 0;
	case MESSAGE_QUIT:
		k->leaving = true;
		return true;
	default:
		log_error("a message of unknown type %u", (unsigned)msg->type);
		return false;
	}
}

/* All that the parent has said. False: it is over. */
static bool
listen_to_parent(struct keeper *k)
{
	struct message msg;
	int got;

	while ((got = channel_receive(k->channel, &msg)) > 0)
		if (!obey(k, &msg))
			return false;
	return got == 0;
}

/* Only the parent can connect it. */
static void
tend_logsock(struct keeper *k)
{
	int64_t now_ms = notify_clock();

	logsock_flush(&k->sock);
	if (k->asked || !logsock_due(&k->sock, now_ms))
		return;
	k->asked = channel_tell(k->channel, MESSAGE_WANT_LOGSOCK) == 0;
}

/* The sooner of two times to wait, where -1 is for ever. */
static int
sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Until an engine has put something, or something else is to be done. */
static void
wait_for_work(struct keeper *k)
{
	int timeout = k->stuck != NULL ? RETRY_MS : -1;
	char drain[64];

	if (!k->asked)
		timeout = sooner(timeout,
		    logsock_timeout(&k->sock, notify_clock()));
	timeout = sooner(timeout, log_timeout());
	k->pfd[POLL_CHANNEL] = (struct pollfd){ k->channel, POLLIN, 0 };
	k->pfd[POLL_LOG] = (struct pollfd){
		logfile_blocked(&k->log) ? k->log.fd : -1, POLLOUT, 0 };
	k->pfd[POLL_LOGSOCK] = (struct pollfd){
		logsock_blocked(&k->sock) ? k->sock.fd : -1, POLLOUT, 0 };
	for (size_t i = 0; i < k->nsources; i++) {
		struct source *src = &k->sources[i];

		k->pfd[POLL_WAKES + i] =
		    (struct pollfd){ src->wake, POLLIN, 0 };
		if (!mailbox_sleep(&src->mailbox) && k->stuck == NULL)
			timeout = 0;
	}
	if (poll(k->pfd, (nfds_t)(POLL_WAKES + k->nsources), timeout) < 0 &&
	    errno != EINTR)
		log_some(LOG_KIND_POLL, "poll: %s", strerror(errno));
	for (size_t i = 0; i < k->nsources; i++) {
		mailbox_awake(&k->sources[i].mailbox);
		if (k->pfd[POLL_WAKES + i].revents != 0)
			(void)!read(k->sources[i].wake, drain, sizeof(drain));
	}
}

/* What the parent says comes first: a log that was moved gets no more. */
static bool
keeper_loop(struct keeper *k)
{
	while (!k->leaving) {
		wait_for_work(k);
		log_tick();
		if (k->pfd[POLL_CHANNEL].revents != 0 && !listen_to_parent(k))
			return false;
		write_all(k);
		tend_logsock(k);
	}
	return true;
}

static bool
begin(struct keeper *k)
{
	struct pollfd pfd = { k->channel, POLLIN, 0 };
	struct child_begin how;

	if (child_hear_begin(k->channel, &how) != 0)
		return false;
	if (child_confine(&how, SANDBOX_KEEPER) != 0)
		return false;
	while (!k->going && !k->leaving)
		if (poll(&pfd, 1, -1) > 0 && !listen_to_parent(k))
			return false;
	return true;
}

/* At the end: what cannot be written now is lost, and counted. */
static void
finish(struct keeper *k)
{
	uint64_t waiting = 0;

	write_all(k);
	logsock_flush(&k->sock);
	publish(k);
	for (size_t i = 0; i < k->nsources; i++)
		waiting += mailbox_waiting(&k->sources[i].mailbox);
	if (waiting > 0)
		log_error("%s: %llu flows could not be written",
		    k->log.path != NULL ? k->log.path : "no log file",
		    (unsigned long long)waiting);
}

int
keeper_main(int channel)
{
	static struct keeper k;
	bool good;

	k.channel = channel;
	logfile_init(&k.log);
	logsock_init(&k.sock);
	good = begin(&k) && keeper_loop(&k);
	if (k.going)
		finish(&k);
	logsock_fini(&k.sock);
	return !good;
}
