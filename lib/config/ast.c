/* The configuration as a list; see ast.h. */
#include "ast.h"
#include "columns.h"

void
ast_init(struct ast *ast, struct filter *filter)
{
	*ast = (struct ast){ .filter = filter };
	ast->last = &ast->first;
}

struct stmt *
ast_new(struct ast *ast, enum stmt_kind kind, struct place at)
{
	struct stmt *stmt = arena_alloc(&ast->filter->arena, sizeof(*stmt));

	if (stmt != NULL) {
		stmt->kind = kind;
		stmt->at = at;
	}
	return stmt;
}

void
ast_append(struct ast *ast, struct stmt *stmt)
{
	*ast->last = stmt;
	ast->last = &stmt->next;
	if (stmt->kind == STMT_RULE)
		filter_add_rule(ast->filter, stmt->rule);
}

/*
 * As the daemon's logfile uses them: columns for logdirs alone have no effect.
 */
uint32_t
ast_classic_fields(const struct ast *ast)
{
	uint32_t fields = CLASSIC_NONE;
	bool chosen = false;

	for (const struct stmt *s = ast->first; s != NULL; s = s->next) {
		if (s->kind != STMT_STORE ||
		    s->store.classic == CLASSIC_NONE)
			continue;
		chosen = true;
		fields |= s->store.classic;
	}
	return chosen ? fields : (uint32_t)CLASSIC_ALL;
}

const char *
stmt_name(enum stmt_kind kind)
{
	static const char *const name[] = {
		[STMT_RULE] = "accept or discard",
		[STMT_LOGDIR] = "logdir",
		[STMT_LOGFILE] = "logfile",
		[STMT_LOGSOCK] = "logsock",
		[STMT_PIDFILE] = "pidfile",
		[STMT_LISTEN] = "listen on",
		[STMT_FLOW_SOURCE] = "flow source",
		[STMT_EXPORTER] = "exporter",
		[STMT_JOIN_GROUP] = "join group",
		[STMT_FORWARD] = "forward to",
		[STMT_BACKLOG] = "backlog",
		[STMT_LIMIT] = "limit",
		[STMT_WORKERS] = "workers",
		[STMT_STORE] = "store",
		[STMT_USER] = "user",
		[STMT_STATEFILE] = "statefile",
		[STMT_CONTROL] = "control socket",
		[STMT_METRICS] = "metrics listen on",
		[STMT_TABLE] = "table",
		[STMT_INCLUDE] = "include",
	};

	return name[kind];
}
