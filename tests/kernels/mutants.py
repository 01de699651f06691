"""Kernels with one fault each: what a comparison with an oracle has to notice."""

import ast
import inspect
import signal
import sys
from collections.abc import Callable
from typing import Any

import numba
import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

ENDS_WITHIN_S = 2.0

_TURNED: dict[type, type] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip


def mutants(function: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """The function, as plain Python, once for each comparison and each sum in it, with that one turned round.

    What only counts steps is left alone: turned round, it would never end.
    """
    tree = ast.parse(inspect.getsource(getattr(function, "py_func", function)))
    [body] = tree.body
    assert isinstance(body, ast.FunctionDef)
    body.decorator_list, body.returns = [], None
    made = {}
    for node in ast.walk(body):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            continue
        if not isinstance(node, ast.Compare | ast.BinOp | ast.AugAssign):
            continue
        shown = ast.unparse(node)
        if isinstance(node, ast.Compare):
            former = node.ops[0]
            node.ops[0] = _TURNED[type(former)]()
        elif type(node.op) in _TURNED:
            former = node.op
            node.op = _TURNED[type(former)]()
        else:
            continue
        module = vars(sys.modules[function.__module__])
        own: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(tree), function.__module__, "exec"), module, own)
        made[f"{len(made)}: {shown} turned round"] = own[body.name]
        if isinstance(node, ast.Compare):
            node.ops[0] = former
        else:
            node.op = former
    return made


def each_mutant(*functions: Callable[..., Any]) -> pytest.MarkDecorator:
    """Run a test for each `mutant` of these kernels."""
    made = [pytest.param(mutant, id=f"{f.__name__} {name}") for f in functions for name, mutant in mutants(f).items()]
    return pytest.mark.parametrize("mutant", made)


as_plain_python = pytest.mark.skipif(
    not numba.config.DISABLE_JIT, reason="run as plain Python by tests/kernels_modes, where a kernel can be replaced"
)


def find_difference(examples: st.SearchStrategy[Any], is_same: Callable[[Any], bool]) -> None:
    """Stop at the first example that `is_same` denies; where it raises or does not end, that is a difference too."""

    def differs(example: Any) -> bool:
        signal.setitimer(signal.ITIMER_REAL, ENDS_WITHIN_S)
        try:
            return not is_same(example)
        except (ArithmeticError, LookupError, RuntimeError, TimeoutError, ValueError):
            return True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def end(*_: Any) -> None:
        raise TimeoutError

    former = signal.signal(signal.SIGALRM, end)
    generate = settings(phases=[Phase.generate], max_examples=2000, derandomize=True, database=None)
    try:
        find(examples, differs, settings=generate)
    finally:
        signal.signal(signal.SIGALRM, former)
