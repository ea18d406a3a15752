/* Names of segments; see segment_place.h. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "catalogue.h"
#include "segment_place.h"

/*
 * Use a number above all existing ones of that second. A free lower number
 * (empty segments are removed) would sort before later segments.
 */
static void
place_avoid(struct segment_place *p, int64_t sec, uint32_t number)
{
	if (sec == p->start_sec && number >= p->number)
		p->number = number + 1;
}

/*
 * A segment with a start in the future means that the clock was set back: take
 * the start of the last segment before now, with the next number, and end
 * before the first future one.
 */
static void
place_avoid_future(struct segment_place *p, int64_t sec, uint32_t number,
    int64_t now_sec)
{
	if (sec > now_sec && sec < p->until_sec)
		p->until_sec = sec;
	if (sec <= now_sec && sec > p->start_sec) {
		p->start_sec = sec;
		p->number = 0;
	}
	place_avoid(p, sec, number);
}

bool
segment_place_find(struct segment_place *p, int dirfd,
    uint32_t rotate_sec, int64_t start_sec, int64_t now_sec)
{
	const struct segment_place usual = { start_sec, 0, INT64_MAX };
	int64_t multiple = now_sec / rotate_sec * rotate_sec;
	struct segment_place back = { multiple - 1, 0, INT64_MAX };
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	uint32_t number;
	int64_t sec;

	*p = usual;
	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL)
		if (catalogue_parse(entry->d_name, &sec, &number)) {
			place_avoid(p, sec, number);
			place_avoid_future(&back, sec, number, now_sec);
		}
	(void)closedir(dir);
	if (p->number >= SEGMENT_NUMBERS)
		p->number = 0;
	p->until_sec = back.until_sec;
	if (back.until_sec != INT64_MAX && back.start_sec >= multiple)
		*p = back;
	return true;
}
