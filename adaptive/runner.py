"""Making a process look as if ``python TARGET`` had started it.

Owns the target of the command line: its ``__main__`` module, ``sys.argv``,
``sys.path[0]`` and its code.  Does not know the engine; ``__main__`` hands what
`prepare` returns to it.

What can only be said as the host says it (a SyntaxError, a file in a wrong encoding,
a broken ``.pyc``) is left to the host: the process becomes ``python TARGET``, which is
safe because no line of the target has run yet.
"""

from __future__ import annotations

import builtins
import os
import runpy
import sys
from functools import partial
from importlib.machinery import BuiltinImporter, SourceFileLoader, SourcelessFileLoader
from importlib.util import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import NoReturn

    #: What the engine is given: a code object to evaluate, or something to call.
    Start = CodeType | Callable[[], object]

SCRIPT = ""
MODULE = "-m"
COMMAND = "-c"


class Target:
    """What to run: ``script.py``, ``-m module`` or ``-c code``, with its arguments."""

    __slots__ = ("arguments", "name", "option")

    def __init__(self, option: str, name: str, arguments: list[str]) -> None:
        self.option = option
        self.name = name
        self.arguments = arguments

    @property
    def words(self) -> list[str]:
        """The target as ``python`` takes it on its command line."""
        return [*filter(None, [self.option]), self.name, *self.arguments]


def interpreter_words(argument_count: int) -> list[str]:
    """This process's command line up to ``-m adaptive``: the interpreter's options."""
    words = sys.orig_argv[1 : len(sys.orig_argv) - argument_count]
    # -m may stand behind other flags in one word, and the module's name in that word.
    if words and not words[-1].startswith("-"):
        words.pop()
    flags = words.pop().partition("m")[0] if words else "-"
    return words if flags == "-" else [*words, flags]


def become_host(target: Target, interpreter: list[str]) -> NoReturn:
    """Replace this process by the plain host running the target."""
    words = [sys.executable, *interpreter, *target.words]
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.execv(sys.executable, words)


def check(target: Target) -> None:
    """Raise OSError if the target is a file that cannot be opened."""
    if target.option == SCRIPT and target.name != "-":
        os.stat(target.name)
        # Opening a pipe would take what is in it from `prepare`.
        if os.path.isfile(target.name):
            open(target.name, "rb").close()


def prepare(target: Target, interpreter: list[str]) -> Start:
    """Set the process up for the target; what to run in its ``__main__``.

    Becomes the plain host if the target does not compile.  Raises OSError if it cannot
    be read.
    """
    if target.option == MODULE:
        sys.argv[:] = ["-m", *target.arguments]
        _fresh_main()
        return _module_start(target.name, True)
    sys.argv[:] = [target.option or target.name, *target.arguments]
    if target.option == COMMAND:
        _set_first_path("")
        _fresh_main()
        return _code(target, interpreter, target.name, "<string>", True)
    if target.name == "-":
        _set_first_path("")
        _fresh_main(__file__="<stdin>", __cached__=None)
        return _code(target, interpreter, sys.stdin.buffer.read(), "<stdin>", False)
    path = _absolute(target.name)
    if _is_container(path):
        _set_first_path(path, always=True)
        _fresh_main()
        return _module_start("__main__", False)
    with open(path, "rb") as file:
        data = file.read()
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    loader = SourcelessFileLoader if _is_pyc(path, data) else SourceFileLoader
    _fresh_main(__loader__=loader("__main__", path), __file__=path, __cached__=None)
    return _code(target, interpreter, data, path, os.path.isfile(path))


def _fresh_main(**names: object) -> None:
    """Put a ``__main__`` as the host makes it at start-up in the place of ours."""
    main = type(sys)("__main__")
    namespace = vars(main)
    namespace["__loader__"] = BuiltinImporter
    namespace["__annotations__"] = {}
    namespace["__builtins__"] = builtins
    namespace.update(names)
    sys.modules["__main__"] = main


def _code(
    target: Target,
    interpreter: list[str],
    source: bytes | str,
    path: str,
    reread: bool,
) -> Start:
    """The target's code.  If it does not compile, the host gets to say so.

    `reread` tells whether the host would find the same source again.
    """
    # Our own future statements must not reach into the program.
    start = partial(compile, source, path, "exec", dont_inherit=True)
    try:
        if isinstance(source, bytes) and _is_pyc(path, source):
            return _pyc_code(path)
        return start()
    except Exception:
        if reread:
            become_host(target, interpreter)
        # The source is used up: the same error again, with no frame of ours in it.
        return start


def _module_start(name: str, set_argv: bool) -> Callable[[], object]:
    """What ``python -m name`` calls; it ends the process with 1 if there is none."""
    run = runpy._run_module_as_main  # type: ignore[attr-defined]
    return partial(run, name, set_argv)


def _is_pyc(path: str, data: bytes) -> bool:
    return path.endswith(".pyc") or data.startswith(MAGIC_NUMBER)


def _pyc_code(path: str) -> CodeType:
    """The code in a compiled file.  Raises ImportError if there is none."""
    code = SourcelessFileLoader("__main__", path).get_code("__main__")
    if code is None:
        raise ImportError(f"no code object in {path!r}")
    return code


def _absolute(path: str) -> str:
    """The path as the host spells it in ``__file__``: joined, never normalised."""
    if os.path.isabs(path):
        return path
    try:
        return os.path.join(os.getcwd(), path)
    except OSError:
        return path


def _is_container(path: str) -> bool:
    """Whether modules can be imported from here: a directory or a zip file."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def _set_first_path(entry: str, always: bool = False) -> None:
    """Put the target's directory where ``-m adaptive`` left its own.

    Under ``python -P`` or ``-I`` there is none, and only a directory or zip file that
    is itself the target gets one.
    """
    if not sys.flags.safe_path:
        sys.path[0] = entry
    elif always:
        sys.path.insert(0, entry)
