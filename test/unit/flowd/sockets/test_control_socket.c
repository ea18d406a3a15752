/* The socket for flowctl: flowd/sockets/control_socket.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../folder.h"
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_socket.h"

static char folder[FOLDER_PATH], path[FOLDER_PATH + 8];
static struct control_socket s;
static struct flowd_error err;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(folder_make(folder), 0);
	(void)snprintf(path, sizeof(path), "%s/sock", folder);
	s.fd = -1;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	control_socket_close(&s);
	(void)unlink(path);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static bool
can_connect(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool good;

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	good = connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0;
	(void)close(fd);
	return good;
}

static void
it_listens_for_owner_and_group_only(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(control_socket_open(&s, path, NULL, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_true(can_connect());
	control_socket_close(&s);
	assert_int_equal(access(path, F_OK), -1);
	control_socket_close(&s);
}

static void
a_group_is_set(void **state)
{
	const struct group *gr = getgrgid(getegid());
	struct stat st;
	char name[64];

	(void)state;
	if (gr == NULL)
		skip();
	(void)snprintf(name, sizeof(name), "%s", gr->gr_name);
	assert_int_equal(control_socket_open(&s, path, name, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_gid, getegid());
}

static void
a_group_that_is_not_there_fails(void **state)
{
	(void)state;
	assert_true(control_socket_open(&s, path, "no such group", &err) < 0);
	assert_non_null(strstr(err.text, "group no such group does not exist"));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(s.fd, -1);
}

/* What one left that was killed. */
static void
a_stale_socket_gives_way(void **state)
{
	(void)state;
	assert_int_equal(control_socket_open(&s, path, NULL, &err), 0);
	(void)close(s.fd);
	assert_int_equal(access(path, F_OK), 0);
	assert_false(can_connect());
	assert_int_equal(control_socket_open(&s, path, NULL, &err), 0);
	assert_true(can_connect());
}

static void
one_that_is_in_use_does_not(void **state)
{
	struct control_socket other;

	(void)state;
	assert_int_equal(control_socket_open(&s, path, NULL, &err), 0);
	assert_true(control_socket_open(&other, path, NULL, &err) < 0);
	assert_int_equal(other.fd, -1);
	assert_non_null(strstr(err.text, "in use"));
	assert_true(can_connect());
}

static void
what_is_no_socket_is_left_alone(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	(void)fclose(f);
	assert_true(control_socket_open(&s, path, NULL, &err) < 0);
	assert_non_null(strstr(err.text, "not a socket"));
	assert_int_equal(access(path, F_OK), 0);
}

/* Another one took the path: it is not ours to remove. */
static void
only_its_own_path_is_removed(void **state)
{
	struct control_socket other;

	(void)state;
	assert_int_equal(control_socket_open(&s, path, NULL, &err), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(control_socket_open(&other, path, NULL, &err), 0);
	if (other.inode != s.inode) {
		control_socket_close(&s);
		assert_int_equal(access(path, F_OK), 0);
	}
	control_socket_close(&other);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_long_path_fails(void **state)
{
	char longer[200];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_true(control_socket_open(&s, longer, NULL, &err) < 0);
	assert_non_null(strstr(err.text, "too long"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    it_listens_for_owner_and_group_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_group_is_set, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_group_that_is_not_there_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_stale_socket_gives_way, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_is_in_use_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_no_socket_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    only_its_own_path_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_long_path_fails, setup, teardown),
	};

	return cmocka_run_group_tests_name("ctlsock", tests, NULL, NULL);
}
