"""Formulas that stand in data files: arithmetic over named numbers, and nothing else."""

import ast
import operator
from collections.abc import Callable, Mapping

from suizhou_geo.errors import InputError, Place

_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}

#: Longer texts are no formula that a person has read.
_LONGEST = 300


def compute(formula: str, *, numbers: Mapping[str, float], where: Place) -> float:
    """The value of a formula: ``+ - * /``, brackets, ``min``, ``max``, ``abs`` and the names of ``numbers``.

    >>> compute("price * max(value / limit - 1, 0)", numbers={"price": 20, "value": 0.3, "limit": 0.2}, where=Place())
    10.0
    >>> compute("__import__('os')", numbers={}, where=Place("plan_2021.toml"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    suizhou_geo.errors.InputError: 公式“__import__('os')”不能计算。

    Raises ``InputError`` for anything else, an unknown name, or a division by zero.
    """
    try:
        if len(formula) > _LONGEST:
            raise _Refused(f"公式长于 {_LONGEST} 个字符")
        return float(round(_value(ast.parse(formula, mode="eval").body, numbers), 10))
    except (SyntaxError, _Refused, ZeroDivisionError, TypeError, RecursionError, OverflowError) as error:
        raise InputError(
            f"公式“{formula[:80]}”不能计算",
            where=where,
            why=f"{error}",
            todo=f"只用 + - * /、括号、min、max、abs 和：{'、'.join(numbers)}",
        ) from error


class _Refused(Exception):  # noqa: N818  (told on as an InputError)
    pass


def _value(node: ast.expr, numbers: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name) if name in numbers:
            return float(numbers[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, numbers)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left, numbers), _value(right, numbers))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as given, keywords=[]) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](*(_value(each, numbers) for each in given)))
        case ast.Name(id=name):
            raise _Refused(f"不认识的名称 {name}")
    raise _Refused("含有算术以外的写法")
