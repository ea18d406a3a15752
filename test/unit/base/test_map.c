/* Hash tables and lists with links in their members: map.c, list.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "list.h"
#include "map.h"

enum {
	N = 1000
};

struct member {
	struct map_node node;
	struct list link;
	uint32_t key;
};

static uint64_t
hash_of(uint32_t key)
{
	return map_hash(&key, sizeof(key), 42);
}

static struct member *
member_find(const struct map *map, uint64_t hash, uint32_t key)
{
	struct map_node *n;

	for (n = map_first(map, hash); n != NULL; n = map_same(n)) {
		struct member *m = (struct member *)n;

		if (m->key == key)
			return m;
	}
	return NULL;
}

static void
members_are_found_until_they_are_removed(void **state)
{
	static struct member members[N];
	struct map map;

	(void)state;
	assert_true(map_init(&map));
	for (uint32_t i = 0; i < N; i++) {
		members[i].key = i;
		assert_null(member_find(&map, hash_of(i), i));
		map_insert(&map, &members[i].node, hash_of(i));
	}
	assert_int_equal(map.count, N);
	assert_true(map.nbuckets >= N);
	for (uint32_t i = 0; i < N; i += 2)
		map_remove(&map, &members[i].node);
	assert_int_equal(map.count, N / 2);
	for (uint32_t i = 0; i < N; i++)
		assert_ptr_equal(member_find(&map, hash_of(i), i),
		    i % 2 == 0 ? NULL : &members[i]);
	map_fini(&map);
}

static void
members_of_the_same_hash_are_told_apart(void **state)
{
	static struct member members[N];
	struct map map;

	(void)state;
	assert_true(map_init(&map));
	/* Two hashes that share a bucket however many there are. */
	for (uint32_t i = 0; i < N; i++) {
		members[i].key = i;
		map_insert(&map, &members[i].node, (uint64_t)(i % 2) << 63);
	}
	for (uint32_t i = 0; i < N; i++) {
		assert_ptr_equal(member_find(&map, (uint64_t)(i % 2) << 63, i),
		    &members[i]);
		assert_null(
		    member_find(&map, (uint64_t)((i + 1) % 2) << 63, i));
	}
	assert_null(member_find(&map, 64, 0));
	map_fini(&map);
}

static void
the_hash_depends_on_key_and_seed(void **state)
{
	const uint32_t a = 1, b = 2;

	(void)state;
	assert_true(map_hash(&a, sizeof(a), 1) == map_hash(&a, sizeof(a), 1));
	assert_true(map_hash(&a, sizeof(a), 1) != map_hash(&b, sizeof(b), 1));
	assert_true(map_hash(&a, sizeof(a), 1) != map_hash(&a, sizeof(a), 2));
}

static uint32_t
key_at(const struct list *link)
{
	return LIST_ENTRY(link, const struct member, link)->key;
}

static void
a_list_is_in_the_order_of_use(void **state)
{
	struct member m[3] = { { .key = 0 }, { .key = 1 }, { .key = 2 } };
	struct list head;

	(void)state;
	list_init(&head);
	assert_true(list_empty(&head));
	assert_null(list_last(&head));
	for (unsigned i = 0; i < 3; i++)
		list_insert_first(&head, &m[i].link);
	assert_int_equal(key_at(list_last(&head)), 0);
	list_use(&head, &m[0].link);
	list_use(&head, &m[0].link);
	assert_int_equal(key_at(head.next), 0);
	assert_int_equal(key_at(list_last(&head)), 1);
	list_remove(&m[1].link);
	/* Removed once, it may be removed again. */
	list_remove(&m[1].link);
	assert_int_equal(key_at(list_last(&head)), 2);
}

static void
a_list_may_be_emptied_in_a_loop(void **state)
{
	struct member m[3] = { { .key = 0 }, { .key = 1 }, { .key = 2 } };
	struct list head, *link, *following;
	unsigned seen = 0;

	(void)state;
	list_init(&head);
	for (unsigned i = 0; i < 3; i++)
		list_insert_first(&head, &m[i].link);
	LIST_FOREACH(link, following, &head) {
		seen = seen * 10 + key_at(link);
		list_remove(link);
	}
	assert_int_equal(seen, 210);
	assert_true(list_empty(&head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_until_they_are_removed),
		cmocka_unit_test(members_of_the_same_hash_are_told_apart),
		cmocka_unit_test(the_hash_depends_on_key_and_seed),
		cmocka_unit_test(a_list_is_in_the_order_of_use),
		cmocka_unit_test(a_list_may_be_emptied_in_a_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
