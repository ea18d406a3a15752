/* When segments begin and end; see rotation.h. */
#include "rotation.h"

int64_t
rotation_end(int64_t start_sec, uint32_t rotate_sec)
{
	return (start_sec / rotate_sec + 1) * rotate_sec;
}

bool
rotation_due(int64_t start_sec, uint32_t rotate_sec, int64_t now_sec)
{
	return now_sec >= rotation_end(start_sec, rotate_sec) ||
	    now_sec < start_sec - ROTATION_BACK_SEC;
}

int64_t
rotation_start(int64_t start_sec, uint32_t rotate_sec, int64_t now_sec)
{
	int64_t multiple = now_sec / rotate_sec * rotate_sec;

	return start_sec != 0 && multiple > start_sec ? multiple : now_sec;
}
