/* The loader; see loader.h. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_file.h"
#include "conf_image.h"
#include "loader.h"
#include "log.h"
#include "memory.h"

enum { ERRORS_MAX = 32 * 1024 };

static bool
write_all(int fd, struct bytes b)
{
	while (b.len > 0) {
		ssize_t n = write(fd, b.ptr, b.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		b.ptr += n;
		b.len -= (size_t)n;
	}
	return true;
}

/* Default signals: a loader that gets SIGTERM ends. */
static void
reset_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1,
		SIGUSR2, SIGCHLD };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)signal(numbers[i], SIG_DFL);
	(void)signal(SIGHUP, SIG_IGN);
}

static int
image_write(
    const struct conf_request *req, const struct identity *id, int image)
{
	struct conf *conf;
	struct buf out;
	bool good;

	if (identity_take_for_reading(id) != 0) {
		log_error("cannot read the configuration as user %s: %s",
		    id->name, strerror(errno));
		return 1;
	}
	conf = conf_load(req);
	if (conf == NULL)
		return 1;
	buf_init(&out, CONF_IMAGE_MAX);
	conf_image_write(conf, &out);
	good = buf_ok(&out) &&
	    write_all(image, (struct bytes){ out.ptr, out.len });
	if (!good)
		log_error("%s: cannot pass the configuration on: %s",
		    req->path,
		    buf_ok(&out) ? strerror(errno) : "it is too large");
	buf_fini(&out);
	conf_free(conf);
	return !good;
}

/* On failure it writes its errors instead of the image. */
static int
loader_main(const struct conf_request *req, const struct identity *id,
    int image)
{
	struct buf errors;
	int status;

	buf_init(&errors, ERRORS_MAX);
	log_copy(&errors);
	status = image_write(req, id, image);
	log_copy(NULL);
	if (status != 0 && errors.len > 0 && ftruncate(image, 0) == 0 &&
	    lseek(image, 0, SEEK_SET) == 0)
		(void)write_all(
		    image, (struct bytes){ errors.ptr, errors.len });
	buf_fini(&errors);
	return status;
}

struct conf *
loader_conf(int image, struct flowd_error *err)
{
	if (memory_seal(image) != 0) {
		(void)flowd_fail(err, FLOWD_EIO,
		    "cannot seal the configuration image: %s", strerror(errno));
		return NULL;
	}
	return conf_image_read_fd(image, false, err);
}

void
loader_errors(int image, struct buf *text)
{
	uint8_t *p = buf_room(text, ERRORS_MAX);
	ssize_t n = p != NULL ? pread(image, p, ERRORS_MAX, 0) : 0;

	if (n > 0)
		text->len += (size_t)n;
}

pid_t
loader_start(const struct conf_request *req, const struct identity *id,
    int *image)
{
	pid_t pid;

	*image = memory_create("flowd-conf", 0);
	if (*image == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		reset_signals();
		_exit(loader_main(req, id, *image));
	}
	if (pid == -1) {
		(void)close(*image);
		*image = -1;
	}
	return pid;
}
