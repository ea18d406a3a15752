/*
 * Doubly linked lists whose links lie in the members: queues and orders of
 * use. A list is a ring through its head; an empty one points to itself.
 */
#ifndef FLOWD_LIST_H
#define FLOWD_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list {
	struct list *next;
	struct list *prev;
};

/*
 * The struct of the given type that holds the link as this member. Through an
 * integer, so that it serves const lists too; what is const is the caller's to
 * keep so.
 */
#define LIST_ENTRY(link, type, member) \
	((type *)((uintptr_t)(link)-offsetof(type, member)))

/* Over all links; the link at hand may be removed in the loop. */
#define LIST_FOREACH(link, following, head) \
	for ((link) = (head)->next, (following) = (link)->next; \
	    (link) != (head); \
	    (link) = (following), (following) = (link)->next)

static inline void
list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_insert_first(struct list *head, struct list *link)
{
	link->next = head->next;
	link->prev = head;
	head->next->prev = link;
	head->next = link;
}

static inline void
list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = link;
}

/* Make link, which is in the list, its first. */
static inline void
list_use(struct list *head, struct list *link)
{
	if (head->next == link)
		return;
	list_remove(link);
	list_insert_first(head, link);
}

/* The last link, or NULL. */
static inline struct list *
list_last(struct list *head)
{
	return list_empty(head) ? NULL : head->prev;
}

#endif
