"""Tools of the host in the middle of a running program: nothing that happens is missed.

What `test_core_tracing` asserts of functions that are switched on by a call is asserted
here of the moments between calls: a finalizer that runs inside any instruction, a
method that an operator calls.  And whole tools as people start them.
"""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
import support
from support import same
from test_core_tracing import PRELUDE

ALLOWED = support.ALLOWED | {"tracing"}

#: `Ends` switches the events on, once, when it is told to: from the finalizer, or from
#: a method that an operator calls.  `f` is warm by then, and its frame is traced.
WATCHED = """
        armed = []

        def start():
            if armed:
                armed.clear()
                frame = sys._getframe(2)
                if frame.f_code.co_filename == FILE:
                    frame.f_trace = tracer
                {on}

        class Ends:
            n = 1
            def __init__(self, *held):
                self.held = held
            def __del__(self):
                start()

        class Acts:
            n = 1
            def __bool__(self):
                start()
                return True
            def __len__(self):
                start()
                return 1
            def __eq__(self, other):
                start()
                return True
            def __hash__(self):
                return 1
            def __lt__(self, other):
                start()
                return True
            def __contains__(self, other):
                start()
                return True
            def __add__(self, other):
                start()
                return self
            def __neg__(self):
                start()
                return self
            def __getitem__(self, index):
                start()
                return 1
            def __setitem__(self, index, value):
                start()
            def __iter__(self):
                start()
                return iter([1, 2])
            def __getattr__(self, name):
                start()
                return name
            def __format__(self, spec):
                start()
                return spec
            def __index__(self):
                start()
                return 1

        def leaf(x):
            return x

        def keeps(*args, **kwargs):
            kept = Ends()

        def gives(n):
            kept = Ends()
            for i in range(n):
                yield i
"""

MAIN = """
        def f(cell=None):
            {body}
            a = 1
            b = a
            if a:
                b = -a
            a, b = b, a
            len("x")
            c = [b, a]
            for d in c:
                b = d
            leaf(c)
            return b

        def main():
            for i in range({calls}):
                f()
            armed.append(1)
            try:
                f()
            finally:
                {off}
            assert not armed
            return log
"""

#: Something dies, or an operator's method runs, in the last instruction of each.
MOMENTS = {
    "store_fast": "x = Ends()\nx = 1",
    "store_fast_load_fast": "y = 2\nx = Ends()\nx = 1; y",
    "store_fast_store_fast_first": "x = Ends()\ny = 1\nx, y = 1, 2",
    "store_fast_store_fast_second": "y = Ends()\nx = 1\nx, y = 1, 2",
    "delete_fast": "x = Ends()\ndel x",
    "pop_top": "Ends()",
    "pop_top_of_list": "[Ends()]",
    "if": "if Ends():\n    x = 1\nelse:\n    x = 2",
    "if_list": "if [Ends()]:\n    x = 1",
    "if_tuple": "if (Ends(), 1):\n    x = 1",
    "if_not": "if not Ends():\n    x = 1",
    "if_none": "if Ends() is None:\n    x = 1",
    "if_not_none": "if Ends() is not None:\n    x = 1",
    "while": "while Ends():\n    break",
    "and": "x = Ends() and 1",
    "or": "x = None or Ends() or 1",
    "not": "x = not Ends()",
    "is": "x = Ends() is 1",
    "is_not_in_if": "y = 1\nif Ends() is not y:\n    x = 1",
    "equal": "x = Ends() == 1",
    "equal_to_constant": "x = Ends() == None",
    "equal_to_constant_in_if": "if Ends() != None:\n    x = 1",
    "equal_to_local": "y = leaf\nx = Ends() == y",
    "equal_to_local_in_if": "y = leaf\nif Ends() == y:\n    x = 1",
    "equal_over_lines": "y = leaf\nx = [\n    Ends() ==\n    y]",
    "in_list": "x = 1 in [1, Ends()]",
    "in_tuple": "x = 1 in (1, Ends())",
    "in_if": "if 1 in [1, Ends()]:\n    x = 1",
    "end_of_list": "for x in [Ends(), 1]:\n    y = x",
    "end_of_tuple": "for x in (Ends(), 1):\n    y = x",
    "end_of_items": "for k, v in {1: Ends(), 2: 2}.items():\n    y = k",
    "end_of_enumerate": "for k, v in enumerate([Ends(), 2]):\n    y = k",
    "end_of_zip": "for k, v in zip([Ends(), 2], [1, 2]):\n    y = k",
    "end_of_map": "for k in map(bool, [Ends(), 2]):\n    y = k",
    "end_of_generator": "for x in gives(2):\n    y = x",
    "next_in_loop": "for x in [Ends(), 1, 2]:\n    y = 1",
    "yield_from": "for x in (y for y in [Ends(), 1]):\n    z = 1",
    "unpack": "x = Ends()\nx, *y = [1, 2, 3]",
    "unpack_list": "x, y = [1, Ends()]\ny = 1",
    "add": "x = [Ends()] + [1]\nx = 1",
    "add_dies": "x = (Ends(), 1) + (1,)\nx = x[1:]\nx",
    "subscript_list": "x = [1, Ends()][0]",
    "subscript_tuple": "y = Ends()\nz = 0\nx = (1, y)\ny = None\nx = x[z]",
    "subscript_dict": "x = {1: 2, 2: Ends()}[1]",
    "slice": "x = [1, Ends()][:1]",
    "store_subscript": "x = [Ends()]\nx[0] = 1",
    "store_subscript_dict": "x = {1: Ends()}\nx[1] = 1",
    "delete_subscript": "x = [Ends()]\ndel x[0]",
    "load_attribute": "x = Ends().n",
    "load_method": "x = [Ends()].append",
    "store_attribute": "x = Acts()\nx.y = Ends()\nx.y = 1",
    "store_attribute_dies": "Ends().y = 1",
    "delete_attribute": "x = Acts()\nx.y = Ends()\ndel x.y",
    "global": "global g\ng = Ends()\ng = 1",
    "delete_global": "global g\ng = Ends()\ndel g",
    "cell": "cell = Ends()\nlam = lambda: cell\ncell = 1",
    "delete_cell": "cell = Ends()\nlam = lambda: cell\ndel cell",
    "class_body": "class D:\n    x = Ends()\n    x = 1\n    y = 2",
    "argument": "leaf(Ends())",
    "argument_of_builtin": "len([Ends()])",
    "argument_of_kind": "x = type(Ends()).n",
    "argument_of_isinstance": "x = isinstance(Ends(), int)",
    "append": "[].append(Ends())",
    "str": "x = str([Ends()]) and 1",
    "locals_of_callee": "keeps()",
    "arguments_of_callee": "keeps(1, x=2)",
    "spread": "keeps(*[1], **{'x': 2})",
    "of_callee": "leaf(leaf(Ends()))",
    "init": "Ends(Ends(), 1)",
    "except": (
        "try:\n    x = Ends()\n    raise KeyError(x)\nexcept KeyError:\n    x = 1"
    ),
    "except_as": (
        "x = 1\ntry:\n    raise KeyError(Ends())\nexcept KeyError as e:\n    y = 1"
    ),
    "finally": "try:\n    x = Ends()\nfinally:\n    x = 1",
    "with": "import contextlib\nwith contextlib.nullcontext(Ends()):\n    x = 1",
    "comprehension": "x = [1 for x in [Ends()]]",
    "format": "x = f'{[Ends()]}' and 1",
    "match": (
        "match [Ends()]:\n    case [2]:\n        x = 1\n    case _:\n        x = 2"
    ),
    "import": "x = Ends()\nimport sys as x",
    "bool": "x = Acts()\nif x:\n    y = 1",
    "bool_not": "x = Acts()\nif not x:\n    y = 1\nelse:\n    y = 2",
    "bool_in_while": "x = Acts()\nwhile not x:\n    y = 1",
    "bool_of_backward_jump": (
        "x = Acts()\ny = 0\nwhile True:\n    y += 1\n    if y > 1 and x: break"
    ),
    "bool_of_far_jump": "x = Acts()\nif not x:\n" + "    y = x, x, x\n" * 60 + "z = 1",
    "bool_over_far_jump": "x = Acts()\nif x:\n" + "    y = x, x, x\n" * 60 + "z = 1",
    "bool_and": "x = Acts()\ny = x and 1",
    "bool_operator": "x = Acts()\ny = not x",
    "equal_in_if": "x = Acts()\nif x == 1:\n    y = 1",
    "less": "x = Acts()\nif x < 1:\n    y = 1",
    "contains": "x = Acts()\nif 1 in x:\n    y = 1",
    "contained": "x = Acts()\nif x in [2, 1]:\n    y = 1",
    "added": "x = Acts()\nx += 1",
    "negated": "x = Acts()\ny = -x",
    "item": "x = Acts()\ny = x[1]",
    "stored": "x = Acts()\nx[1] = 2",
    "iterated": "x = Acts()\nfor y in x:\n    z = y",
    "unpacked": "x = Acts()\ny, z = x",
    "attribute": "x = Acts()\ny = x.absent",
    "formatted": "x = Acts()\ny = f'{x}'",
    "index": "x = Acts()\ny = [1, 2][x]",
    "key": "x = Acts()\ny = {1: 2}\nz = y[x]",
    "stored_key": "x = Acts()\ny = {1: 2}\ny[x] = 3",
}

#: How events are asked for and given up, and how often `f` runs before.  Of opcodes the
#: host itself shows fewer once it has fused instructions, so it must not be warm then;
#: the engine is at once, and fuses nothing that would hide one.
WAYS = {
    "trace": ("sys.settrace(tracer)", "sys.settrace(None)", 6),
    "opcodes": (
        "frame.f_trace = opcodes; frame.f_trace_opcodes = True; sys.settrace(opcodes)",
        "sys.settrace(None)",
        2,
    ),
    "profile": ("sys.setprofile(profiler)", "sys.setprofile(None)", 6),
}


def program(moment: str, way: str) -> str:
    """A program in which the events begin at one moment."""
    on, off, calls = WAYS[way]
    parts = dedent(PRELUDE), dedent(WATCHED), dedent(MAIN)
    text = "".join(parts).replace("{on}", on).replace("{off}", off)
    text = text.replace("{calls}", str(calls))
    return text.replace("{body}", indent(MOMENTS[moment], " " * 4).lstrip())


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_events_begin_at_any_moment(moment: str, way: str) -> None:
    """S0-39: whatever switches events on, the next instruction is seen."""
    shown = same(program(moment, way), ALLOWED)
    assert shown.how == "returned", shown.text
    assert len(shown.text) > 10
