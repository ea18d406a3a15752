/*
 * The canonical text of a configuration; see ast.h. It has no macros, no
 * comments, one statement a line, and parses to the same statements.
 * Test: test/program/flowd/test_conf_print.py.
 */
#include <inttypes.h>
#include <string.h>

#include "ast.h"
#include "quote.h"
#include "store_field.h"

static void
print_addr(const struct addr *a, const char *scope, struct buf *out)
{
	char text[ADDR_TEXT_MAX];
	size_t len = addr_format(a, text);

	buf_append(out, text, len);
	filter_value_print_scope(a, scope, out);
}

static void
print_addr_port(const struct stmt *stmt, const struct addr *addr,
    uint16_t port, struct buf *out)
{
	bool v6 = addr->family == ADDR_V6;

	buf_append_text(out, v6 ? "[" : "");
	print_addr(addr, stmt->scope, out);
	buf_printf(out, "%s:%u", v6 ? "]" : "", port);
}

static void
print_iface(const char *iface, struct buf *out)
{
	if (iface[0] == '\0')
		return;
	buf_append_text(out, " on ");
	quote_print(iface, out);
}

static void
print_control(const struct stmt *stmt, struct buf *out)
{
	if (stmt->control.path == NULL) {
		buf_append_text(out, "none");
		return;
	}
	quote_print(stmt->control.path, out);
	if (stmt->control.group == NULL)
		return;
	buf_append_text(out, " group ");
	quote_print(stmt->control.group, out);
}

static void
print_bufsize(uint32_t bufsize, struct buf *out)
{
	if (bufsize != 0)
		buf_printf(out, " bufsize %" PRIu32, bufsize);
}

/* Prints the name of the column, or of the first field with these bits. */
static void
print_store(const struct store_choice *choice, struct buf *out)
{
	const struct store_field *f = store_fields;

	if (choice->element != NULL) {
		buf_append_text(out, "ie ");
		quote_print(choice->element, out);
		return;
	}
	if (choice->column >= 0) {
		buf_append_text(out, column_info[choice->column].name);
		return;
	}
	while (f->name != NULL && f->classic != choice->classic)
		f++;
	buf_append_text(out, f->name != NULL ? f->name : "ALL");
}

static void
print_prefix(const struct stmt *stmt, const struct prefix *prefix,
    struct buf *out)
{
	print_addr(&prefix->addr, stmt->scope, out);
	buf_printf(out, "/%u", prefix->len);
}

static void
print_source(const struct stmt *stmt, struct buf *out)
{
	if (stmt->source.any) {
		buf_append_text(out, "any");
		return;
	}
	print_prefix(stmt, &stmt->source.prefix, out);
}

static void
print_rest(const struct stmt *stmt, struct buf *out)
{
	switch (stmt->kind) {
	case STMT_RULE:
		rule_print(stmt->rule, out);
		break;
	case STMT_PIDFILE:
	case STMT_USER:
	case STMT_STATEFILE:
		quote_print(stmt->text, out);
		break;
	case STMT_LOGFILE:
	case STMT_LOGDIR:
		logdir_line_print(stmt->logdir, out);
		break;
	case STMT_LOGSOCK:
		quote_print(stmt->socket.path, out);
		print_bufsize(stmt->socket.bufsize, out);
		break;
	case STMT_LISTEN:
		print_addr_port(stmt,
		    &stmt->endpoint.addr, stmt->endpoint.port, out);
		print_iface(stmt->endpoint.iface, out);
		print_bufsize(stmt->endpoint.bufsize, out);
		break;
	case STMT_CONTROL:
		print_control(stmt, out);
		break;
	case STMT_METRICS:
		print_addr_port(stmt,
		    &stmt->endpoint.addr, stmt->endpoint.port, out);
		break;
	case STMT_FORWARD:
		print_addr_port(stmt,
		    &stmt->collector.addr, stmt->collector.port, out);
		buf_append_text(out, stmt->collector.spoof ? " spoof" : "");
		break;
	case STMT_FLOW_SOURCE:
		print_source(stmt, out);
		break;
	case STMT_EXPORTER:
		print_prefix(stmt, &stmt->exporter.prefix, out);
		buf_printf(out, " sampling %" PRIu32, stmt->exporter.sampling);
		break;
	case STMT_JOIN_GROUP:
		print_addr(&stmt->group.addr, stmt->scope, out);
		print_iface(stmt->group.on, out);
		break;
	case STMT_BACKLOG:
	case STMT_WORKERS:
		buf_printf(out, "%" PRIu32, stmt->number);
		break;
	case STMT_STORE:
		print_store(&stmt->store, out);
		break;
	case STMT_LIMIT:
		buf_printf(out, "%s ", stmt->limit.name);
		quote_print(stmt->limit.value, out);
		break;
	case STMT_TABLE:
		prefix_table_print(stmt->table, out);
		break;
	case STMT_INCLUDE: /* replaced by its statements */
		break;
	}
}

void
ast_print(const struct ast *ast, struct buf *out)
{
	for (const struct stmt *s = ast->first; s != NULL; s = s->next) {
		/* A rule has its own word. */
		if (s->kind != STMT_RULE)
			buf_printf(out, "%s ", stmt_name(s->kind));
		print_rest(s, out);
		buf_append_char(out, '\n');
	}
}
