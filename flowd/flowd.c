/*
 * flowd: collects NetFlow and IPFIX. main() parses the command line and runs
 * one of three modes.
 *
 *	flowd			parent.c: receive and store
 *	flowd -r CAPTURE	replay.c: store the flows of a capture
 *	flowd -n		conf.c: check the configuration
 *
 * Manual: man/flowd.8. Tests: test/program/flowd/test_flowd.py.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child_main.h"
#include "conf.h"
#include "conf_check.h"
#include "conf_file.h"
#include "inherit.h"
#include "log.h"
#include "num.h"
#include "options.h"
#include "parent.h"
#include "process.h"
#include "replay.h"

enum { TEXT_OCTETS_MAX = 256 * 1024 * 1024 };

/* Returns the exit status. */
static int
print_conf(const struct conf *conf, unsigned print)
{
	struct buf text;
	bool failed;

	buf_init(&text, TEXT_OCTETS_MAX);
	if (print >= PRINT_COMPILED)
		ruleset_print(conf->rules, &text);
	else
		ast_print(&conf->ast, &text);
	failed = !buf_ok(&text) ||
	    fwrite(text.ptr, 1, text.len, stdout) != text.len ||
	    fflush(stdout) != 0;
	buf_fini(&text);
	if (failed)
		log_error("cannot print the configuration: %s",
		    strerror(errno));
	return failed;
}

/* Print the configuration even when this machine lacks something. */
static int
run_check(const struct conf_request *req, unsigned print)
{
	struct conf *conf = conf_load(req);
	bool good = conf != NULL && conf_check(conf, req->use);

	if (good)
		conf_try(conf, req->use);
	if (conf != NULL)
		conf_warn(conf);
	if (conf != NULL && print != PRINT_NOTHING)
		good &= print_conf(conf, print) == 0;
	conf_free(conf);
	return !good;
}

static int
run_replay(const struct conf_request *req, const char *capture)
{
	struct conf *conf = conf_load(req);
	int status = 1;

	if (conf != NULL && conf_check(conf, req->use)) {
		conf_warn(conf);
		status = replay_run(conf, capture);
	}
	conf_free(conf);
	return status;
}

/* HUP reads the file again, from another working directory. */
static bool
make_absolute(struct conf_request *req, char *path, size_t size)
{
	int len;

	if (req->path[0] == '/')
		return true;
	len = snprintf(path, size, "%s/%s", req->cwd, req->path);
	req->path = path;
	return len > 0 && (size_t)len < size;
}

static int
run_mode(struct options *o, const char *self)
{
	char path[PATH_MAX];

	o->conf.use = o->capture != NULL ? CONF_REPLAY : CONF_DAEMON;
	o->conf.as_written = o->check;
	if (o->check)
		return run_check(&o->conf, o->print);
	if (o->capture != NULL)
		return run_replay(&o->conf, o->capture);
	if (!o->foreground && !make_absolute(&o->conf, path, sizeof(path))) {
		log_error("%s: the path is too long", o->conf.path);
		return 1;
	}
	return parent_main(&(struct parent_options){ .req = &o->conf,
	    .self = self,
	    .foreground = o->foreground,
	    .verbose = o->verbose,
	    .insecure = o->insecure });
}

/*
 * Descriptors that a child inherits: the parent executes flowd with -P as the
 * first argument.
 */
static int
inherited_fds(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "-P") == 0)
		return child_main_fds(argv[2]);
	return inherit_count();
}

/*
 * The shell turns "-f <(command)" into -f /dev/fd/63. Returns the descriptor,
 * or -1 for another path.
 */
static int
piped_fd(const char *path)
{
	static const char folder[] = "/dev/fd/";
	size_t len = strlen(folder);
	uint64_t fd;

	if (strncmp(path, folder, len) != 0 ||
	    num_parse(path + len, INT_MAX, &fd) != 0)
		return -1;
	return (int)fd;
}

int
main(int argc, char **argv)
{
	struct options o = { .conf = {
				 .path = FLOWD_CONF, .use = CONF_DAEMON } };
	const char **defines;
	char cwd[PATH_MAX];
	int status;

	defines = calloc((size_t)argc, sizeof(*defines));
	if (defines == NULL || getcwd(cwd, sizeof(cwd)) == NULL) {
		log_error("cannot start: %s", strerror(errno));
		return 1;
	}
	o.conf.cwd = cwd;
	status = options_parse(&o, argv, defines);
	if (status == -1) {
		process_clean(inherited_fds(argc, argv), piped_fd(o.conf.path));
		log_init(o.verbose);
		/* Beyond the file size limit, write(2) fails instead. */
		(void)signal(SIGXFSZ, SIG_IGN);
		if (o.prefix)
			log_prefix_level();
		status = o.child != NULL ? child_main(o.child)
					 : run_mode(&o, process_self(argv[0]));
	}
	free(defines);
	return status;
}
