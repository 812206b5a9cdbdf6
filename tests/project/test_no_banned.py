"""Ban what runs or unpacks foreign data, and SQL put together from strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .tree import PACKAGES, python_files, read

BANNED_CALLS = {"eval", "exec", "__import__", "os.system", "os.popen", "yaml.load"}
BANNED_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill"}
SQL_METHODS = {"execute", "executemany", "executescript"}


def offences(source: str) -> list[str]:
    """Give `line: what` of everything banned in a module."""
    return [
        f"{node.lineno}: {what}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt | ast.expr)
        for what in _offences_of(node)
    ]


def _offences_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names if _root(name.name) in BANNED_MODULES)
    elif isinstance(node, ast.ImportFrom) and _root(node.module or "") in BANNED_MODULES:
        yield str(node.module)
    elif isinstance(node, ast.Call):
        yield from _offences_of_call(node)


def _offences_of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    if name in BANNED_CALLS:
        yield name
    if any(keyword.arg == "shell" and _is_true(keyword.value) for keyword in call.keywords):
        yield "shell=True"
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method in SQL_METHODS and call.args and _is_assembled(call.args[0]):
        yield "SQL put together from strings"


def _is_true(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and not value.value)


def _is_assembled(value: ast.expr) -> bool:
    if isinstance(value, ast.JoinedStr | ast.BinOp):
        return True
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in {"format", "join", "replace"}
    )


def _root(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_uses_nothing_banned(package: str) -> None:
    found = {
        str(path): offences(read(path)) for path in python_files(package) if offences(read(path))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "exec(text)",
        "import pickle",
        "from marshal import loads",
        "import os\nos.system('ls')",
        "subprocess.run('ls', shell=True)",
        "db.execute(f'SELECT * FROM {table}')",
        "db.execute('SELECT * FROM ' + table)",
        "db.executemany('SELECT * FROM %s' % table, rows)",
        "db.execute('SELECT * FROM {}'.format(table))",
    ],
)
def test_each_banned_thing_is_seen(source: str) -> None:
    assert offences(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "db.execute('SELECT * FROM message WHERE id = ?', (message_id,))",
        "subprocess.run(['ls'], shell=False)",
        "import ast\nast.literal_eval(text)",
    ],
)
def test_what_is_allowed_is_let_through(source: str) -> None:
    assert offences(source) == []
