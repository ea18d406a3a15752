/* The configuration as a list; see ast.h. */
#include <string.h>

#include "ast.h"
#include "result.h"

int
ast_init(struct ast *ast)
{
	*ast = (struct ast){ .first = NULL };
	arena_init(&ast->arena, AST_MAX);
	ast->last = &ast->first;
	return macros_init(&ast->macros, &ast->arena) ? 0 : FLOWD_ENOMEM;
}

void
ast_fini(struct ast *ast)
{
	for (struct included *i = ast->included; i != NULL; i = i->next)
		source_fini(&i->src);
	tables_fini(ast->tables);
	macros_fini(&ast->macros);
	arena_fini(&ast->arena);
	ast->first = NULL;
	ast->tables = NULL;
	ast->included = NULL;
}

static struct bytes
bytes_of(const char *text, size_t len)
{
	return (struct bytes){ (const uint8_t *)text, len };
}

int
ast_define(struct ast *ast, const char *definition)
{
	const char *equals = strrchr(definition, '=');

	if (equals == NULL || equals == definition)
		return FLOWD_EINVAL;
	return macro_define(&ast->macros,
	    bytes_of(definition, (size_t)(equals - definition)),
	    bytes_of(equals + 1, strlen(equals + 1)), true);
}

struct stmt *
ast_new(struct ast *ast, enum stmt_kind kind, struct place at)
{
	struct stmt *stmt = arena_alloc(&ast->arena, sizeof(*stmt));

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
}

const struct rule *
ast_rules(struct ast *ast)
{
	struct rule *first = NULL, **last = &first;

	for (struct stmt *stmt = ast->first; stmt != NULL; stmt = stmt->next) {
		if (stmt->kind != STMT_RULE)
			continue;
		*last = stmt->rule;
		last = &stmt->rule->next;
	}
	*last = NULL;
	return first;
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
