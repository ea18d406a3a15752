/*
 * Runs a fuzz target over every file of the folders named on the command
 * line, in place of libFuzzer, and reports each as a test. A crash ends the
 * program, which the test runner counts as a failure; the last line names
 * the file.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 4 * 1024 * 1024
};

static int
replay_file(const char *dir, const char *name, unsigned number)
{
	static uint8_t room[INPUT_MAX];
	char path[4096];
	uint8_t *exact;
	size_t len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		printf("not ok %u - %s cannot be opened\n", number, name);
		return 1;
	}
	len = fread(room, 1, sizeof(room), f);
	(void)fclose(f);
	/* Of its exact size, so that a read past the end is seen. */
	exact = malloc(len > 0 ? len : 1);
	if (exact == NULL)
		return 1;
	for (size_t i = 0; i < len; i++)
		exact[i] = room[i];
	printf("# %s\n", name);
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	printf("ok %u - %s\n", number, name);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned number = 0;
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *e;

		if (dir == NULL) {
			printf("Bail out! %s cannot be opened\n", argv[i]);
			return 1;
		}
		while ((e = readdir(dir)) != NULL)
			if (e->d_name[0] != '.')
				failed |= replay_file(argv[i], e->d_name,
				    ++number);
		(void)closedir(dir);
	}
	printf("1..%u\n", number);
	return failed;
}
