/* Options that programs have in common; see scan_options.h. */
#include <stdio.h>
#include <time.h>

#include "parse.h"
#include "scan_options.h"

static int
fields_take(struct scan_options *o, const char *names, struct flowd_error *err)
{
	struct flowd_error why;

	if (column_list_parse(&o->fields, names, false, &why) == 0)
		return 0;
	return flowd_fail(err, FLOWD_EINVAL, "--fields: %s", why.text);
}

static int
expression_take(
    struct scan_options *o, const char *text, struct flowd_error *err)
{
	if (o->expression != NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "-e is given twice: join the two with \"and\"");
	o->expression = text;
	return 0;
}

int
scan_options_take(struct scan_options *o, enum scan_option which,
    const char *value, struct flowd_error *err)
{
	switch (which) {
	case SCAN_OPTION_NONE:
		break;
	case SCAN_OPTION_UTC:
		o->utc = true;
		break;
	case SCAN_OPTION_EXPRESSION:
		return expression_take(o, value, err);
	case SCAN_OPTION_TIMES:
		o->times = value;
		break;
	case SCAN_OPTION_RULES:
		o->rules = value;
		break;
	case SCAN_OPTION_FIELDS:
		return fields_take(o, value, err);
	}
	return 0;
}

/* Parse -t after all options: its time zone depends on -U. */
int
scan_options_settle(struct scan_options *o, struct flowd_error *err)
{
	struct flowd_error why;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	o->now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	o->range = (struct timerange){ INT64_MIN, INT64_MAX };
	if (o->times != NULL &&
	    timerange_parse(o->times, o->now_ns, o->utc, &o->range, &why) != 0)
		return flowd_fail(err, FLOWD_EINVAL, "-t: %s", why.text);
	return 0;
}

static void
print_errors(void *arg, struct bytes lines)
{
	(void)arg;
	(void)fwrite(lines.ptr, 1, lines.len, stderr);
}

int
scan_options_predicate(const struct scan_options *o, struct predicate **p,
    struct flowd_error *err)
{
	const struct predicate_text text = { .rules = o->rules,
		.parse_rules = parse_config_rules,
		.expression = o->expression,
		.now_ns = o->now_ns,
		.utc = o->utc,
		.report = print_errors };

	*p = NULL;
	if (text.rules == NULL && text.expression == NULL)
		return 0;
	*p = predicate_new(&text, err);
	return *p != NULL ? 0 : FLOWD_EINVAL;
}
