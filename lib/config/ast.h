/*
 * A configuration as it was written: a list of statements in order, each with
 * its place. Nothing is looked up or opened here.
 *
 * Statements lie in the arena of a filter, which also has the rules and tables,
 * and are freed with it.
 */
#ifndef FLOWD_AST_H
#define FLOWD_AST_H

#include "addr.h"
#include "filter.h"
#include "logdir_line.h"

enum {
	AST_INCLUDED_MAX = 1000, /* number of included files */
	/* octets of all included files */
	AST_INCLUDED_OCTETS_MAX = 16 * 1024 * 1024
};

enum stmt_kind {
	STMT_RULE, /* rule */
	STMT_LOGDIR, /* logdir */
	STMT_LOGFILE, /* logdir */
	STMT_LOGSOCK, /* socket */
	STMT_PIDFILE, /* text */
	STMT_LISTEN, /* endpoint */
	STMT_FLOW_SOURCE, /* source */
	STMT_EXPORTER, /* exporter */
	STMT_JOIN_GROUP, /* group */
	STMT_FORWARD, /* collector */
	STMT_BACKLOG, /* number */
	STMT_WORKERS, /* number */
	STMT_LIMIT, /* limit */
	STMT_STORE, /* store */
	STMT_USER, /* text */
	STMT_STATEFILE, /* text */
	STMT_CONTROL, /* control */
	STMT_METRICS, /* endpoint */
	STMT_TABLE, /* table */
	STMT_INCLUDE /* text; replaced by the included statements */
};

enum {
	BACKLOG_MIN = 4 * 1024 * 1024, /* octets */
	LIMIT_TEXT_MAX = 32,
	WORKERS_MAX = 64
};

enum {
	IFACE_MAX = 16 /* octets of an interface's name and a 0 */
};

struct endpoint {
	struct addr addr;
	uint16_t port;
	uint32_t bufsize; /* octets, 0: not given */
	char iface[IFACE_MAX]; /* "" for any */
};

/* A multicast group, and where to join it. */
struct multicast_group {
	struct addr addr;
	char on[ADDR_TEXT_MAX]; /* an interface or an address of it, or "" */
};

/* A collector that receives copies of datagrams. */
struct collector {
	struct addr addr;
	uint16_t port;
	bool spoof; /* keep the exporter's address as the source */
};

/* Settings that replace what an exporter sends. */
struct exporter_line {
	struct prefix prefix;
	uint32_t sampling; /* sampling interval: one packet in this many */
};

struct store_choice {
	uint32_t classic; /* enum classic_field, of the column or group */
	int column; /* index, or -1 for a classic group */
	const char *element; /* store ie: its name or number; else NULL */
};

/* The value is a number with a unit, as it was written. */
struct limit {
	char name[LIMIT_TEXT_MAX], value[LIMIT_TEXT_MAX];
};

struct stmt {
	struct stmt *next;
	enum stmt_kind kind;
	struct place at; /* place of its first word */
	/* interface name of its address; NULL: print the number */
	const char *scope;
	union {
		const char *text;
		struct rule *rule;
		struct {
			const char *path;
			uint32_t bufsize;
		} socket;
		struct logdir_line *logdir;
		struct {
			const char *path; /* NULL: "none" */
			const char *group; /* NULL: not given */
		} control;
		struct endpoint endpoint;
		struct {
			bool any;
			struct prefix prefix;
		} source;
		struct exporter_line exporter;
		struct multicast_group group;
		struct collector collector;
		uint32_t number;
		struct store_choice store;
		struct prefix_table *table;
		struct limit limit;
	};
};

struct ast {
	struct filter *filter; /* borrowed */
	struct stmt *first;
	struct stmt **last; /* link for the next statement */
	bool may_include; /* the parser may open files */
	size_t nincluded, included_octets;
};

/* The filter has been initialized; it must outlive the ast. */
void ast_init(struct ast *ast, struct filter *filter);

/* A zeroed statement that is not in the list yet; NULL past FILTER_MAX. */
struct stmt *ast_new(struct ast *ast, enum stmt_kind kind, struct place at);
/* A rule is appended to the filter, too. */
void ast_append(struct ast *ast, struct stmt *stmt);

/*
 * Append the canonical text: no macros and comments, a statement a line. It
 * parses to the same statements. A failure is in out: buf_ok().
 */
void ast_print(const struct ast *ast, struct buf *out);

/*
 * The fields of the store lines (enum classic_field); CLASSIC_ALL without any.
 */
uint32_t ast_classic_fields(const struct ast *ast);

/* The word or words a statement begins with, for messages. */
const char *stmt_name(enum stmt_kind kind);

#endif
