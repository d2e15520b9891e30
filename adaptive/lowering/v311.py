"""The lowering of CPython 3.11's bytecode: what becomes of each of its instructions.

The only module that knows 3.11's opcodes.  The rules are data; the walk that applies
them is `common`'s.  What 3.11 does differently from the canonical set:

- It has no exact-bool jumps (TO_BOOL is put in front), and it has conditional jumps
  backwards (they become the opposite jump over a JUMP_BACKWARD).
- PRECALL becomes nothing: what its boundary means, CALL's first unit means.  KW_NAMES
  stays, and turns the CALL after it into CALL_KW.
- Its many single-purpose instructions are arguments of few canonical ones.
"""

from __future__ import annotations

import opcode
from types import FunctionType

from adaptive.isa import (
    COMMON_CONSTANTS,
    COMPARE_SHIFT,
    FUNCTION_ATTRIBUTES,
    INTRINSICS_1,
    INTRINSICS_2,
    NUMBER,
    SUBSCRIPT,
)
from adaptive.lowering.common import Lowered, Rules
from adaptive.lowering.common import lower as lower_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

#: Names that keep their meaning and their argument.
SAME = """
NOP RESUME POP_TOP PUSH_NULL COPY SWAP
LOAD_CONST STORE_FAST DELETE_FAST MAKE_CELL COPY_FREE_VARS
LOAD_DEREF STORE_DEREF DELETE_DEREF LOAD_NAME STORE_NAME DELETE_NAME
LOAD_GLOBAL STORE_GLOBAL DELETE_GLOBAL LOAD_BUILD_CLASS SETUP_ANNOTATIONS
UNARY_NEGATIVE UNARY_INVERT UNARY_NOT BINARY_OP IS_OP CONTAINS_OP
STORE_SUBSCR DELETE_SUBSCR BUILD_SLICE STORE_ATTR DELETE_ATTR
BUILD_TUPLE BUILD_LIST BUILD_SET BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING
LIST_APPEND SET_ADD MAP_ADD LIST_EXTEND SET_UPDATE DICT_UPDATE DICT_MERGE
UNPACK_SEQUENCE UNPACK_EX
GET_ITER GET_YIELD_FROM_ITER YIELD_VALUE RETURN_GENERATOR
GET_AWAITABLE GET_AITER GET_ANEXT END_ASYNC_FOR
KW_NAMES CALL_FUNCTION_EX RETURN_VALUE RAISE_VARARGS RERAISE
PUSH_EXC_INFO POP_EXCEPT CHECK_EXC_MATCH CHECK_EG_MATCH
BEFORE_WITH BEFORE_ASYNC_WITH WITH_EXCEPT_START IMPORT_NAME IMPORT_FROM
GET_LEN MATCH_MAPPING MATCH_SEQUENCE MATCH_KEYS MATCH_CLASS
"""

#: host name -> canonical name, shift of the argument, bits or-ed to it.
SHIFTED: dict[str, tuple[str, int, int]] = {
    "LOAD_FAST": ("LOAD_FAST_CHECK", 0, 0),
    "LOAD_CLOSURE": ("LOAD_FAST", 0, 0),
    "LOAD_ATTR": ("LOAD_ATTR", 1, 0),
    "LOAD_METHOD": ("LOAD_ATTR", 1, 1),
    "COMPARE_OP": ("COMPARE_OP", COMPARE_SHIFT, 0),
}

#: host name -> canonical name, its argument.
FIXED: dict[str, tuple[str, int]] = {
    "BINARY_SUBSCR": ("BINARY_OP", SUBSCRIPT),
    "UNARY_POSITIVE": ("CALL_INTRINSIC_1", INTRINSICS_1.index("UNARY_POSITIVE")),
    "LIST_TO_TUPLE": ("CALL_INTRINSIC_1", INTRINSICS_1.index("LIST_TO_TUPLE")),
    "ASYNC_GEN_WRAP": ("CALL_INTRINSIC_1", INTRINSICS_1.index("ASYNC_GEN_WRAP")),
    "PREP_RERAISE_STAR": ("CALL_INTRINSIC_2", INTRINSICS_2.index("PREP_RERAISE_STAR")),
    "LOAD_ASSERTION_ERROR": (
        "LOAD_COMMON_CONSTANT",
        COMMON_CONSTANTS.index("AssertionError"),
    ),
}

#: host name -> canonical name; the direction is the canonical jump's.
JUMPED: dict[str, str] = {
    "JUMP_FORWARD": "JUMP_FORWARD",
    "JUMP_BACKWARD": "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT": "JUMP_BACKWARD_NO_INTERRUPT",
    "JUMP_IF_FALSE_OR_POP": "JUMP_IF_FALSE_OR_POP",
    "JUMP_IF_TRUE_OR_POP": "JUMP_IF_TRUE_OR_POP",
    "POP_JUMP_FORWARD_IF_FALSE": "POP_JUMP_IF_FALSE",
    "POP_JUMP_FORWARD_IF_TRUE": "POP_JUMP_IF_TRUE",
    "POP_JUMP_FORWARD_IF_NONE": "POP_JUMP_IF_NONE",
    "POP_JUMP_FORWARD_IF_NOT_NONE": "POP_JUMP_IF_NOT_NONE",
    "FOR_ITER": "FOR_ITER",
    "SEND": "SEND",
}

#: host name -> the jump that is taken where the host's is not.
LOOPED: dict[str, str] = {
    "POP_JUMP_BACKWARD_IF_FALSE": "POP_JUMP_IF_TRUE",
    "POP_JUMP_BACKWARD_IF_TRUE": "POP_JUMP_IF_FALSE",
    "POP_JUMP_BACKWARD_IF_NONE": "POP_JUMP_IF_NOT_NONE",
    "POP_JUMP_BACKWARD_IF_NOT_NONE": "POP_JUMP_IF_NONE",
}

#: Jumps that ask any object for its truth.
TESTS_BOOL = (
    "POP_JUMP_FORWARD_IF_FALSE",
    "POP_JUMP_FORWARD_IF_TRUE",
    "POP_JUMP_BACKWARD_IF_FALSE",
    "POP_JUMP_BACKWARD_IF_TRUE",
)
#: What leaves True or False, whatever its operands are.
LEAVES_BOOL = ("IS_OP", "CONTAINS_OP", "UNARY_NOT", "CHECK_EXC_MATCH")

# FORMAT_VALUE's argument: the conversion in two bits, then whether there is a spec.
_CONVERSION_MASK = 3
_HAS_SPEC = 4

_SWAP = NUMBER["SWAP"]
_POP_TOP = NUMBER["POP_TOP"]
_INTRINSIC = NUMBER["CALL_INTRINSIC_1"]
_PRINT = INTRINSICS_1.index("PRINT")
_IMPORT_STAR = INTRINSICS_1.index("IMPORT_STAR")


def print_expr(oparg: int) -> tuple[int, ...]:
    """Value --.  The intrinsic leaves None."""
    return (_INTRINSIC, _PRINT, _POP_TOP, 0)


def import_star(oparg: int) -> tuple[int, ...]:
    """Module --.  The intrinsic leaves None."""
    return (_INTRINSIC, _IMPORT_STAR, _POP_TOP, 0)


def load_classderef(oparg: int) -> tuple[int, ...]:
    """-- value, from the class namespace or the cell."""
    return (NUMBER["LOAD_LOCALS"], 0, NUMBER["LOAD_FROM_DICT_OR_DEREF"], oparg)


def make_function(oparg: int) -> tuple[int, ...]:
    """Defaults? kwdefaults? annotations? closure? code -- function.

    The attributes are taken from the top of the stack down, the highest flag first.
    """
    expansion = [NUMBER["MAKE_FUNCTION"], 0]
    for flag in sorted(FUNCTION_ATTRIBUTES, reverse=True):
        if oparg & flag:
            expansion += (NUMBER["SET_FUNCTION_ATTRIBUTE"], flag)
    return tuple(expansion)


def format_value(oparg: int) -> tuple[int, ...]:
    """Value spec? -- text.  The value is swapped to the top to be converted."""
    conversion = oparg & _CONVERSION_MASK
    convert: tuple[int, ...] = ()
    if conversion:
        convert = (NUMBER["CONVERT_VALUE"], conversion)
    if not oparg & _HAS_SPEC:
        return (*convert, NUMBER["FORMAT_SIMPLE"], 0)
    if convert:
        convert = (_SWAP, 2, *convert, _SWAP, 2)
    return (*convert, NUMBER["FORMAT_WITH_SPEC"], 0)


EXPANDED = {
    "PRINT_EXPR": print_expr,
    "IMPORT_STAR": import_star,
    "LOAD_CLASSDEREF": load_classderef,
    "MAKE_FUNCTION": make_function,
    "FORMAT_VALUE": format_value,
}


def _rules() -> Rules:
    """The tables of 3.11.  CACHE and EXTENDED_ARG are no instructions of their own."""
    # Private, but dis itself reads it; indexed by opcode in 3.11.
    rules = Rules(opcode.opmap, opcode._inline_cache_entries)  # type: ignore[attr-defined]
    for name in SAME.split():
        rules.shifted(name, name)
    for name, (canonical, shift, bits) in SHIFTED.items():
        rules.shifted(name, canonical, shift, bits)
    for name, (canonical, oparg) in FIXED.items():
        rules.fixed(name, canonical, oparg)
    for name, canonical in JUMPED.items():
        rules.jumped(name, canonical)
    for name, opposite in LOOPED.items():
        rules.looped(name, opposite)
    for name, expand in EXPANDED.items():
        rules.expanded(name, expand)
    rules.dropped("PRECALL")
    rules.called("CALL", "CALL", kw_names="KW_NAMES", kw_call="CALL_KW")
    rules.test_bool(TESTS_BOOL, LEAVES_BOOL)
    return rules


RULES = _rules()


def lower(code: CodeType) -> Lowered:
    """``code`` in canonical form.

    Raises `common.Declined` with a named reason, and nothing else.
    """
    return lower_by(code, RULES)


#: What only the host can do is done in a function of its own instructions.  Without a
#: RESUME its frame never counts as complete, so that no traceback and no other thread
#: sees it (_PyFrame_IsIncomplete).
#:
#: Jumps back once and returns None: the host looks after pending work at such a jump.
PENDING_WORK = (
    ("JUMP_FORWARD", 1),
    ("JUMP_FORWARD", 1),
    ("JUMP_BACKWARD", 2),
    ("LOAD_CONST", 0),
    ("RETURN_VALUE", 0),
)
#: What is to be raised of a group, given what its `except*` clauses have left.
RERAISE_STAR = (
    ("LOAD_FAST", 0),
    ("LOAD_FAST", 1),
    ("PREP_RERAISE_STAR", 0),
    ("RETURN_VALUE", 0),
)


def _host_function(
    name: str, instructions: tuple[tuple[str, int], ...], source: str
) -> FunctionType:
    """A function with the parameters of the source's lambda, and these instructions."""
    plain = compile(source, "<adaptive>", "eval").co_consts[0]
    units = [(opcode.opmap[opname], argument) for opname, argument in instructions]
    code = plain.replace(
        co_code=bytes(byte for unit in units for byte in unit),
        co_name=name,
        co_qualname=name,
    )
    return FunctionType(code, {"__builtins__": {}})


def pending_work_function() -> FunctionType:
    """A function that does nothing; while the host runs it, it does what is pending."""
    return _host_function("let_the_host_work", PENDING_WORK, "lambda: None")


def reraise_function() -> FunctionType:
    """A function of a group and the list of what is left; what the host raises."""
    source = "lambda group, left: [group, left]"
    return _host_function("reraise_star", RERAISE_STAR, source)
