"""Conditions of polars and Arrow as expressions of flowd.

What is made here may hold for more flows than the condition does, and never for
fewer: the caller filters again. Of a condition, what is not understood is left
out; of one side of "or", that is all of it.

A condition is a tuple: ("and", a, b), ("or", a, b), (operator, column, value)
with == < <= > >=, ("in", column, values), or None: not understood.
"""
from __future__ import annotations

import datetime
import ipaddress
import json
import re
import typing

from ._scan import COLUMNS

Condition = typing.Optional[tuple[typing.Any, ...]]

_INTEGERS = ("u8", "u16", "u32", "u64")
_SWAPPED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def where_of(condition: Condition) -> str | None:
    """The expression; None: all flows."""
    if condition is None:
        return None
    if condition[0] in ("and", "or"):
        sides = [where_of(c) for c in condition[1:]]
        if condition[0] == "and":
            sides = [s for s in sides if s is not None]
        if not sides or None in sides:
            return None
        return "(" + f" {condition[0]} ".join(map(str, sides)) + ")"
    operator, column, value = condition
    if column not in COLUMNS or COLUMNS[column].record:
        return None
    if operator == "in":
        one = [_compare(column, "==", v) for v in value]
        if not one or None in one or len(one) > 1000:
            return None
        return "(" + " or ".join(map(str, one)) + ")"
    return _compare(column, operator, value)


def _compare(column: str, operator: str, value: object) -> str | None:
    kind = COLUMNS[column].type
    if kind in _INTEGERS and type(value) is int and 0 <= value < 1 << 63:
        operator = "" if operator == "==" else operator + " "
        return f"{column} {operator}{value}"
    if kind == "addr" and operator == "==" and isinstance(value, str):
        try:
            return f"{column} {ipaddress.ip_address(value)}"
        except ValueError:
            return None
    if kind == "time" and isinstance(value, datetime.datetime):
        return _compare_time(column, operator, value)
    return None


def _compare_time(column: str, operator: str, value: datetime.datetime
                  ) -> str | None:
    """With whole seconds, outside of what is asked for."""
    if not 1970 <= value.year < 2200 or operator == "==":
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    value = value.astimezone(datetime.timezone.utc).replace(microsecond=0)
    if operator in ("<", "<="):
        value += datetime.timedelta(seconds=1)
    return f"{column} {operator[0]}= {value:%Y-%m-%dT%H:%M:%SZ}"


def _order(operator: str, a: typing.Any, b: typing.Any) -> Condition:
    """A comparison of two operands, each ("column", name) or ("value", v)."""
    if a is None or b is None or operator not in _SWAPPED:
        return None
    if a[0] == "column" and b[0] == "value":
        return (operator, a[1], b[1])
    if a[0] == "value" and b[0] == "column":
        return (_SWAPPED[operator], b[1], a[1])
    return None


# --- polars ---

_POLARS = {"Eq": "==", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}


def of_polars(expression: typing.Any) -> Condition:
    """Of an expression of polars, by its JSON; that is no fixed format."""
    try:
        return _polars(json.loads(expression.meta.serialize(format="json")))
    except Exception:
        return None


def _polars(node: typing.Any) -> Condition:
    try:
        return _polars_known(node)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _polars_known(node: typing.Any) -> Condition:
    if "BinaryExpr" in node:
        binary = node["BinaryExpr"]
        operator = binary["op"]
        if operator in ("And", "Or", "LogicalAnd", "LogicalOr"):
            return (operator.removeprefix("Logical").lower(),
                    _polars(binary["left"]), _polars(binary["right"]))
        return _order(_POLARS.get(operator, ""),
                      _polars_operand(binary["left"]),
                      _polars_operand(binary["right"]))
    if "Function" in node:
        return _polars_between(node["Function"])
    return None


def _polars_between(function: typing.Any) -> Condition:
    kind = function["function"]["Boolean"]
    if "IsBetween" not in kind:
        return None
    column, low, high = map(_polars_operand, function["input"])
    return ("and", _order(">=", column, low), _order("<=", column, high))


def _polars_operand(node: typing.Any) -> typing.Any:
    while "Alias" in node:
        node = node["Alias"][0]
    if "Column" in node:
        return ("column", node["Column"])
    kind, value = next(iter(node["Literal"].items()))
    kind, value = next(iter(value.items()))
    if kind == "Datetime":
        return ("value", _datetime(*value))
    if kind in ("Int", "String") or kind.startswith(("Int", "UInt")):
        return ("value", value)
    return None


def _datetime(value: int, unit: str, zone: typing.Any) -> datetime.datetime:
    if zone not in (None, "UTC", {"inner": "UTC"}):
        raise ValueError(zone)
    micro = {"Nanoseconds": value // 1000, "Microseconds": value,
             "Milliseconds": value * 1000}[unit]
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + \
        datetime.timedelta(microseconds=micro)


# --- Arrow ---

_TOKEN = re.compile(r"""
    (?P<open>\() | (?P<close>\)) | (?P<operator>==|<=|>=|<|>) |
    (?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d+)?Z? |
    (?P<number>\d+)(?![\w.-]) | "(?P<text>[^"\\]*)" |
    (?P<word>[a-z_]\w*) | (?P<other>.)
    """, re.VERBOSE | re.DOTALL)


def of_arrow(expression: typing.Any) -> Condition:
    """Of an expression of pyarrow.compute, by its text."""
    try:
        tokens = _tokens(str(expression))
        condition, rest = _arrow(tokens)
        return None if rest else condition
    except (ValueError, IndexError):
        return None


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(text[at:])
        kind = next(k for k, v in found.groupdict().items() if v is not None)
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


def _arrow(tokens: list[tuple[str, str]]
           ) -> tuple[Condition, list[tuple[str, str]]]:
    """A condition in parentheses, or a function; and what is behind it."""
    if tokens[0][0] == "word" and tokens[1][0] == "open":
        return None, _behind(tokens[1:])
    if tokens[0][0] != "open":
        raise ValueError("a condition begins with (")
    if tokens[1][0] == "open" or \
            (tokens[1][0] == "word" and tokens[2][0] == "open"):
        first, rest = _arrow(tokens[1:])
        if rest[0] not in (("word", "and"), ("word", "or")):
            raise ValueError("and, or")
        second, behind = _arrow(rest[1:])
        condition: Condition = (rest[0][1], first, second)
    else:
        a, (kind, operator), b = tokens[1:4]
        if kind != "operator":
            raise ValueError("a comparison")
        condition = _order(operator, _arrow_operand(a), _arrow_operand(b))
        behind = tokens[4:]
    if behind[0][0] != "close":
        raise ValueError("a condition ends with )")
    return condition, behind[1:]


def _behind(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is behind the parenthesis that is opened first."""
    depth = 0
    for i, (kind, _) in enumerate(tokens):
        depth += (kind == "open") - (kind == "close")
        if depth == 0:
            return tokens[i + 1:]
    raise ValueError("a parenthesis is not closed")


def _arrow_operand(token: tuple[str, str]) -> typing.Any:
    kind, text = token
    if kind == "word":
        return ("column", text)
    if kind == "number":
        return ("value", int(text))
    if kind == "time":
        return ("value", datetime.datetime.fromisoformat(text))
    return ("value", text)
