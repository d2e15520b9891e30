"""The instruction set: the one place where an instruction is declared.

Every row below is one instruction of the canonical set, which has the shape of
CPython 3.14's for every host version.  A row says its name, its stack algebra
(``before -- after``, top of the stack on the right), its inline-cache fields
(``name/units``, the adaptive counter first) and its flags.  Numbers follow from the
order of the rows.  Everything else that needs to know an instruction is derived from
here: the C enum (written to ``_ops.pxd`` at build time by ``setup.py``), cache sizes,
the deoptimization table, disassembly and the documentation's table.

This module imports nothing of the package, so that the build can load it by path.

Source: PEP 659; the layouts are those of CPython 3.14's ``pycore_code.h``.
"""

from __future__ import annotations

from binascii import crc32
from typing import NamedTuple

#: Changes whenever a serialized code unit would mean something else.
ISA_VERSION = 1

#: A code unit is 16 bits: opcode byte, then argument byte.
UNIT_BYTES = 2

# Flags.  JUMP: the argument is a distance in units.  BACK: that distance is backwards.
# RAISES: may leave an exception.  ESCAPES: may run arbitrary Python code, so the frame
# is synced first and tool events are looked for afterwards.  SUSPENDS: leaves the frame
# alive.  ENDS: never continues at the next unit.
JUMP = 1
BACK = 2
RAISES = 4
ESCAPES = 8 | RAISES
SUSPENDS = 16
ENDS = 32


class Field(NamedTuple):
    """One inline-cache field: its name, its offset and its width, in units."""

    name: str
    offset_units: int
    width_units: int


class Instruction(NamedTuple):
    """One instruction: what every consumer of the set may ask about it."""

    name: str
    number: int
    stack: str
    cache: tuple[Field, ...]
    flags: int
    base: str

    @property
    def cache_units(self) -> int:
        """The number of CACHE units that follow the instruction."""
        return sum(field.width_units for field in self.cache)

    @property
    def is_adaptive(self) -> bool:
        """Whether the instruction begins with an adaptive counter."""
        return bool(self.cache) and self.cache[0].name == "counter"


def _fields(text: str) -> tuple[Field, ...]:
    """``counter/1 version/2`` as fields with their offsets."""
    fields: list[Field] = []
    offset = 0
    for part in text.split():
        name, width = part.split("/")
        fields.append(Field(name, offset, int(width)))
        offset += int(width)
    return tuple(fields)


# name, stack algebra, flags, cache fields.  `n` stands for the argument.
_BASE: tuple[tuple[str, str, int, str], ...] = (
    # -- units that are not operations
    ("CACHE", "--", 0, ""),
    ("EXTENDED_ARG", "--", 0, ""),
    ("NOP", "--", 0, ""),
    ("RESUME", "--", ESCAPES, ""),
    # -- the stack itself
    ("POP_TOP", "value --", 0, ""),
    ("PUSH_NULL", "-- null", 0, ""),
    ("COPY", "value *(n-1) -- value *(n-1) value", 0, ""),
    ("SWAP", "a *(n-2) b -- b *(n-2) a", 0, ""),
    # -- constants and variables
    ("LOAD_CONST", "-- value", 0, ""),
    ("LOAD_COMMON_CONSTANT", "-- value", 0, ""),
    ("LOAD_FAST", "-- value", 0, ""),
    ("LOAD_FAST_CHECK", "-- value", RAISES, ""),
    ("STORE_FAST", "value --", 0, ""),
    ("DELETE_FAST", "--", RAISES, ""),
    ("MAKE_CELL", "--", RAISES, ""),
    ("COPY_FREE_VARS", "--", 0, ""),
    ("LOAD_DEREF", "-- value", RAISES, ""),
    ("STORE_DEREF", "value --", 0, ""),
    ("DELETE_DEREF", "--", RAISES, ""),
    ("LOAD_LOCALS", "-- locals", RAISES, ""),
    ("LOAD_FROM_DICT_OR_DEREF", "mapping -- value", ESCAPES, ""),
    ("LOAD_NAME", "-- value", ESCAPES, ""),
    ("STORE_NAME", "value --", ESCAPES, ""),
    ("DELETE_NAME", "--", ESCAPES, ""),
    (
        "LOAD_GLOBAL",
        "-- null*(n&1) value",
        ESCAPES,
        "counter/1 module_keys_version/1 builtin_keys_version/1 index/1",
    ),
    ("STORE_GLOBAL", "value --", ESCAPES, ""),
    ("DELETE_GLOBAL", "--", ESCAPES, ""),
    ("LOAD_BUILD_CLASS", "-- builder", ESCAPES, ""),
    ("SETUP_ANNOTATIONS", "--", ESCAPES, ""),
    # -- operators
    ("UNARY_NEGATIVE", "value -- result", ESCAPES, ""),
    ("UNARY_INVERT", "value -- result", ESCAPES, ""),
    ("UNARY_NOT", "value -- bool", ESCAPES, ""),
    ("TO_BOOL", "value -- bool", ESCAPES, "counter/1 type_version/2"),
    ("BINARY_OP", "left right -- result", ESCAPES, "counter/1 external/4"),
    ("COMPARE_OP", "left right -- result", ESCAPES, "counter/1"),
    ("IS_OP", "left right -- bool", 0, ""),
    ("CONTAINS_OP", "item container -- bool", ESCAPES, "counter/1"),
    ("STORE_SUBSCR", "value container key --", ESCAPES, "counter/1"),
    ("DELETE_SUBSCR", "container key --", ESCAPES, ""),
    ("BUILD_SLICE", "*n -- slice", RAISES, ""),
    # -- attributes
    (
        "LOAD_ATTR",
        "owner -- value self_or_null*(n&1)",
        ESCAPES,
        "counter/1 type_version/2 keys_version/2 descriptor/4",
    ),
    ("STORE_ATTR", "value owner --", ESCAPES, "counter/1 type_version/2 index/1"),
    ("DELETE_ATTR", "owner --", ESCAPES, ""),
    # -- containers
    ("BUILD_TUPLE", "*n -- tuple", RAISES, ""),
    ("BUILD_LIST", "*n -- list", RAISES, ""),
    ("BUILD_SET", "*n -- set", ESCAPES, ""),
    ("BUILD_MAP", "*(2n) -- dict", ESCAPES, ""),
    ("BUILD_CONST_KEY_MAP", "*n keys -- dict", ESCAPES, ""),
    ("BUILD_STRING", "*n -- str", RAISES, ""),
    ("LIST_APPEND", "list *(n-1) value -- list *(n-1)", RAISES, ""),
    ("SET_ADD", "set *(n-1) value -- set *(n-1)", ESCAPES, ""),
    ("MAP_ADD", "dict *(n-1) key value -- dict *(n-1)", ESCAPES, ""),
    ("LIST_EXTEND", "list *(n-1) items -- list *(n-1)", ESCAPES, ""),
    ("SET_UPDATE", "set *(n-1) items -- set *(n-1)", ESCAPES, ""),
    ("DICT_UPDATE", "dict *(n-1) items -- dict *(n-1)", ESCAPES, ""),
    ("DICT_MERGE", "dict *(n-1) items -- dict *(n-1)", ESCAPES, ""),
    ("UNPACK_SEQUENCE", "sequence -- *n", ESCAPES, "counter/1"),
    ("UNPACK_EX", "sequence -- *(n>>8) list *(n&255)", ESCAPES, ""),
    # -- formatting
    ("CONVERT_VALUE", "value -- text", ESCAPES, ""),
    ("FORMAT_SIMPLE", "value -- text", ESCAPES, ""),
    ("FORMAT_WITH_SPEC", "value spec -- text", ESCAPES, ""),
    # -- jumps
    ("JUMP_FORWARD", "--", JUMP | ENDS, ""),
    ("JUMP_BACKWARD", "--", JUMP | BACK | ENDS | ESCAPES, "trace_counter/1"),
    ("JUMP_BACKWARD_NO_INTERRUPT", "--", JUMP | BACK | ENDS, ""),
    ("POP_JUMP_IF_FALSE", "bool --", JUMP, "branch_history/1"),
    ("POP_JUMP_IF_TRUE", "bool --", JUMP, "branch_history/1"),
    ("POP_JUMP_IF_NONE", "value --", JUMP, "branch_history/1"),
    ("POP_JUMP_IF_NOT_NONE", "value --", JUMP, "branch_history/1"),
    ("JUMP_IF_FALSE_OR_POP", "value -- (value if jump)", JUMP | ESCAPES, ""),
    ("JUMP_IF_TRUE_OR_POP", "value -- (value if jump)", JUMP | ESCAPES, ""),
    # -- iteration, generators, coroutines
    ("GET_ITER", "iterable -- iterator", ESCAPES, ""),
    ("FOR_ITER", "iterator -- iterator item", JUMP | ESCAPES, "counter/1"),
    ("GET_YIELD_FROM_ITER", "iterable -- iterator", ESCAPES, ""),
    ("SEND", "receiver value -- receiver result", JUMP | ESCAPES, "counter/1"),
    ("YIELD_VALUE", "value -- sent", SUSPENDS, ""),
    ("RETURN_GENERATOR", "-- sent", SUSPENDS | RAISES, ""),
    ("GET_AWAITABLE", "value -- awaitable", ESCAPES, ""),
    ("GET_AITER", "iterable -- iterator", ESCAPES, ""),
    ("GET_ANEXT", "iterator -- iterator awaitable", ESCAPES, ""),
    ("END_ASYNC_FOR", "iterator exception --", RAISES, ""),
    # -- calls and functions
    ("KW_NAMES", "--", 0, ""),
    (
        "CALL",
        "callable self_or_null *n -- result",
        ESCAPES,
        "counter/1 function_version/2",
    ),
    (
        "CALL_KW",
        "callable self_or_null *n -- result",
        ESCAPES,
        "counter/1 function_version/2",
    ),
    ("CALL_FUNCTION_EX", "null callable args kwargs*(n&1) -- result", ESCAPES, ""),
    ("RETURN_VALUE", "value --", ENDS, ""),
    ("MAKE_FUNCTION", "code -- function", RAISES, ""),
    ("SET_FUNCTION_ATTRIBUTE", "attribute function -- function", 0, ""),
    ("CALL_INTRINSIC_1", "value -- result", ESCAPES, ""),
    ("CALL_INTRINSIC_2", "left right -- result", ESCAPES, ""),
    # -- exceptions and context managers
    ("RAISE_VARARGS", "*n --", ESCAPES | ENDS, ""),
    ("RERAISE", "*n exception -- *n", RAISES | ENDS, ""),
    ("PUSH_EXC_INFO", "exception -- previous exception", 0, ""),
    ("POP_EXCEPT", "previous --", 0, ""),
    ("CHECK_EXC_MATCH", "exception type -- exception bool", ESCAPES, ""),
    ("CHECK_EG_MATCH", "group type -- rest match", ESCAPES, ""),
    ("BEFORE_WITH", "manager -- exit entered", ESCAPES, ""),
    ("BEFORE_ASYNC_WITH", "manager -- exit awaitable", ESCAPES, ""),
    (
        "WITH_EXCEPT_START",
        "exit lasti previous exception -- exit lasti previous exception result",
        ESCAPES,
        "",
    ),
    # -- imports
    ("IMPORT_NAME", "level names -- module", ESCAPES, ""),
    ("IMPORT_FROM", "module -- module attribute", ESCAPES, ""),
    # -- pattern matching
    ("GET_LEN", "subject -- subject length", ESCAPES, ""),
    ("MATCH_MAPPING", "subject -- subject bool", 0, ""),
    ("MATCH_SEQUENCE", "subject -- subject bool", 0, ""),
    ("MATCH_KEYS", "subject keys -- subject keys values_or_none", ESCAPES, ""),
    ("MATCH_CLASS", "subject class names -- attributes_or_none", ESCAPES, ""),
)

# The specialized forms of each base instruction: what their names add to the base's.
# A form has its base's argument, stack algebra, caches and flags.
_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("RESUME", ("CHECK",)),
    (
        "JUMP_BACKWARD",
        (
            "JIT",
            "NO_JIT",
        ),
    ),
    (
        "TO_BOOL",
        (
            "ALWAYS_TRUE",
            "BOOL",
            "INT",
            "LIST",
            "NONE",
            "STR",
        ),
    ),
    (
        "BINARY_OP",
        (
            "ADD_INT",
            "SUBTRACT_INT",
            "MULTIPLY_INT",
            "ADD_FLOAT",
            "SUBTRACT_FLOAT",
            "MULTIPLY_FLOAT",
            "ADD_UNICODE",
            "INPLACE_ADD_UNICODE",
            "SUBSCR_LIST_INT",
            "SUBSCR_LIST_SLICE",
            "SUBSCR_TUPLE_INT",
            "SUBSCR_STR_INT",
            "SUBSCR_DICT",
            "SUBSCR_GETITEM",
            "EXTEND",
        ),
    ),
    (
        "COMPARE_OP",
        (
            "INT",
            "FLOAT",
            "STR",
            "STR_ORDER",
            "NUMBER",
            "IDENTITY",
        ),
    ),
    (
        "CONTAINS_OP",
        (
            "SET",
            "DICT",
            "LIST",
            "TUPLE",
            "STR",
        ),
    ),
    (
        "STORE_SUBSCR",
        (
            "DICT",
            "LIST_INT",
            "NUMBER",
        ),
    ),
    (
        "UNPACK_SEQUENCE",
        (
            "TWO_TUPLE",
            "TUPLE",
            "LIST",
        ),
    ),
    (
        "FOR_ITER",
        (
            "LIST",
            "TUPLE",
            "RANGE",
            "GEN",
            "DICT_ITEMS",
            "ENUMERATE",
            "ZIP",
            "BUILTIN",
        ),
    ),
    ("SEND", ("GEN",)),
    (
        "LOAD_GLOBAL",
        (
            "MODULE",
            "BUILTIN",
        ),
    ),
    (
        "LOAD_ATTR",
        (
            "INSTANCE_VALUE",
            "MODULE",
            "WITH_HINT",
            "SLOT",
            "CLASS",
            "CLASS_WITH_METACLASS_CHECK",
            "PROPERTY",
            "GETATTRIBUTE_OVERRIDDEN",
            "METHOD_WITH_VALUES",
            "METHOD_NO_DICT",
            "METHOD_LAZY_DICT",
            "NONDESCRIPTOR_WITH_VALUES",
            "NONDESCRIPTOR_NO_DICT",
            "DATA_DESCRIPTOR",
            "GETATTR",
            "SHARED_CACHE",
        ),
    ),
    (
        "STORE_ATTR",
        (
            "INSTANCE_VALUE",
            "SLOT",
            "WITH_HINT",
        ),
    ),
    (
        "CALL",
        (
            "PY_EXACT_ARGS",
            "PY_GENERAL",
            "BOUND_METHOD_EXACT_ARGS",
            "BOUND_METHOD_GENERAL",
            "TYPE_1",
            "STR_1",
            "TUPLE_1",
            "BUILTIN_CLASS",
            "BUILTIN_O",
            "BUILTIN_FAST",
            "BUILTIN_FAST_WITH_KEYWORDS",
            "LEN",
            "ISINSTANCE",
            "LIST_APPEND",
            "METHOD_DESCRIPTOR_O",
            "METHOD_DESCRIPTOR_FAST",
            "METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS",
            "METHOD_DESCRIPTOR_NOARGS",
            "ALLOC_AND_ENTER_INIT",
            "NON_PY_GENERAL",
            "SUPER_ATTR",
            "SUPER_METHOD",
        ),
    ),
    (
        "CALL_KW",
        (
            "PY",
            "BOUND_METHOD",
            "NON_PY",
        ),
    ),
)

# Fused instructions: those that one of them does, the first of which is its base.  The
# others stay behind it as they were, for whoever jumps there or stops between.  Those
# that use what they load come first: fusing prefers them.  One that ends with an
# adaptive instruction stands only while that is in a form of its FUSIBLE, and one that
# ends with a form, while it is that one: it need not ask which, and jumps once less.
_FUSED: tuple[tuple[str, ...], ...] = (
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "BINARY_OP_ADD_INT"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "BINARY_OP_MULTIPLY_FLOAT"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "BINARY_OP_SUBSCR_LIST_INT"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "COMPARE_OP_INT"),
    ("LOAD_FAST_CHECK", "LOAD_CONST", "BINARY_OP_ADD_INT"),
    ("LOAD_FAST_CHECK", "LOAD_CONST", "BINARY_OP_SUBTRACT_INT"),
    ("LOAD_FAST_CHECK", "LOAD_CONST", "COMPARE_OP_INT"),
    ("LOAD_CONST", "COMPARE_OP_INT"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR_INSTANCE_VALUE"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR_WITH_HINT"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR_SLOT"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR_METHOD_WITH_VALUES"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR_SHARED_CACHE"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "BINARY_OP"),
    ("LOAD_FAST_CHECK", "LOAD_CONST", "BINARY_OP"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "COMPARE_OP"),
    ("LOAD_FAST_CHECK", "LOAD_CONST", "COMPARE_OP"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK", "STORE_SUBSCR"),
    ("LOAD_FAST_CHECK", "BINARY_OP"),
    ("LOAD_CONST", "BINARY_OP"),
    ("LOAD_FAST_CHECK", "COMPARE_OP"),
    ("LOAD_CONST", "COMPARE_OP"),
    ("LOAD_FAST_CHECK", "LOAD_ATTR"),
    ("LOAD_FAST_CHECK", "STORE_ATTR"),
    ("LOAD_FAST_CHECK", "TO_BOOL"),
    ("LOAD_FAST_CHECK", "POP_JUMP_IF_NONE"),
    ("LOAD_FAST_CHECK", "POP_JUMP_IF_NOT_NONE"),
    ("LOAD_FAST_CHECK", "LOAD_FAST_CHECK"),
    ("LOAD_FAST_CHECK", "LOAD_CONST"),
    ("STORE_FAST", "LOAD_FAST_CHECK"),
    ("STORE_FAST", "STORE_FAST"),
)

# What those that end with an adaptive instruction can do of it.
_NUMBERS = "ADD_INT SUBTRACT_INT MULTIPLY_INT ADD_FLOAT SUBTRACT_FLOAT MULTIPLY_FLOAT"
_FUSIBLE: dict[str, str] = {
    # With both operands borrowed; where one is on the stack, _HALF_FUSIBLE.
    "BINARY_OP": f"{_NUMBERS} EXTEND SUBSCR_LIST_INT SUBSCR_TUPLE_INT SUBSCR_STR_INT",
    "COMPARE_OP": "INT FLOAT STR NUMBER IDENTITY",
    "STORE_SUBSCR": "LIST_INT",
    "LOAD_ATTR": "NONDESCRIPTOR_WITH_VALUES METHOD_NO_DICT",
    "STORE_ATTR": "INSTANCE_VALUE SLOT",
    "TO_BOOL": "ALWAYS_TRUE BOOL INT LIST NONE STR",
}
_HALF_FUSIBLE: dict[str, str] = {"BINARY_OP": f"{_NUMBERS} EXTEND"}

# Instrumented instructions: each tells the tools, then goes on as what it stands over.
# Two may stand over any instruction, which only the code's own `CodeUnits` knows: here
# they are their own bases, without caches.  Each other one stands over one base, and
# tells the events named beside it.
_OVER_ANY: tuple[str, ...] = ("LINE", "INSTRUCTION")
_INSTRUMENTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("RESUME", ("PY_START", "PY_RESUME")),
    ("RETURN_VALUE", ("PY_RETURN",)),
    ("YIELD_VALUE", ("PY_YIELD",)),
    ("CALL", ("CALL",)),
    ("CALL_KW", ("CALL",)),
    ("CALL_FUNCTION_EX", ("CALL",)),
    ("JUMP_FORWARD", ("JUMP",)),
    ("JUMP_BACKWARD", ("JUMP",)),
    ("POP_JUMP_IF_FALSE", ("BRANCH",)),
    ("POP_JUMP_IF_TRUE", ("BRANCH",)),
    ("POP_JUMP_IF_NONE", ("BRANCH",)),
    ("POP_JUMP_IF_NOT_NONE", ("BRANCH",)),
    ("JUMP_IF_FALSE_OR_POP", ("BRANCH",)),
    ("JUMP_IF_TRUE_OR_POP", ("BRANCH",)),
    ("FOR_ITER", ("BRANCH", "STOP_ITERATION")),
    ("SEND", ("STOP_ITERATION",)),
)

#: Opcodes from here up are instrumented: set and removed by the tools only, never
#: replaced by a specializer.  Every other instruction must be numbered below.
FIRST_INSTRUMENTED = 234


def _rows() -> tuple[Instruction, ...]:
    """The base instructions, their forms, the fused ones, then the instrumented."""
    rows = [
        Instruction(name, number, stack, _fields(cache), flags, base=name)
        for number, (name, stack, flags, cache) in enumerate(_BASE)
    ]
    bases = {row.name: row for row in rows}
    derived = [
        (bases[base], f"{base}_{form}") for base, forms in _FORMS for form in forms
    ]
    derived += [(bases[parts[0]], "_".join(parts)) for parts in _FUSED]
    rows += [
        base._replace(name=name, number=number)
        for number, (base, name) in enumerate(derived, len(rows))
    ]
    over = [
        Instruction("", 0, "--", (), ESCAPES, f"INSTRUMENTED_{name}")
        for name in _OVER_ANY
    ]
    over += [bases[name] for name, _ in _INSTRUMENTED]
    names = [*_OVER_ANY, *dict(_INSTRUMENTED)]
    rows += [
        base._replace(name=f"INSTRUMENTED_{name}", number=number)
        for number, (name, base) in enumerate(
            zip(names, over, strict=True), FIRST_INSTRUMENTED
        )
    ]
    return tuple(rows)


INSTRUCTIONS: tuple[Instruction, ...] = _rows()

#: Steps that the loop takes between instructions.  They are numbered above the byte,
#: so that they can never stand in a code unit.
STEPS: tuple[str, ...] = (
    "ENTER_FRAME",
    "RETURN_TO_CALLER",
    "RESUME_GENERATOR",
    "LEAVE_GENERATOR",
    "UNWIND",
    "LEAVE",
)
FIRST_STEP = 256

#: What tools can ask for, by number (CPython 3.13's): those of one place in the code,
#: which can be switched off there, then those of the passing of an exception, then
#: those that come with CALL.
EVENTS: tuple[str, ...] = (
    *("PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION"),
    *("JUMP", "BRANCH", "STOP_ITERATION"),
    *("RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE"),
    *("C_RETURN", "C_RAISE"),
)
LOCAL_EVENTS = EVENTS.index("STOP_ITERATION") + 1
#: How many tools there can be at once.
TOOLS = 6

#: What a conditional jump's branch history begins with: taken every other time, so that
#: neither side looks likely before it has run.
BRANCH_HISTORY = 0x5555

NUMBER: dict[str, int] = {row.name: row.number for row in INSTRUCTIONS}
BY_NUMBER: dict[int, Instruction] = {row.number: row for row in INSTRUCTIONS}
CACHE_UNITS: tuple[int, ...] = tuple(
    BY_NUMBER[number].cache_units if number in BY_NUMBER else 0 for number in range(256)
)
#: opcode -> base opcode; the identity for what is neither specialized nor instrumented,
#: and for the two that may stand over any instruction.
DEOPT: tuple[int, ...] = tuple(
    NUMBER[BY_NUMBER[number].base] if number in BY_NUMBER else number
    for number in range(256)
)

#: Fused instruction by those that it does, the preferred ones first.
FUSED: dict[tuple[str, ...], Instruction] = {
    parts: BY_NUMBER[NUMBER["_".join(parts)]] for parts in _FUSED
}
#: The forms in which a fused instruction can do its last one, by that one's name and by
#: how many stand in the row.  A row with no entry ends with no adaptive instruction.
FUSIBLE: dict[tuple[str, int], frozenset[str]] = {
    (base, count): frozenset(f"{base}_{form}" for form in forms[base].split())
    for count, forms in ((3, _FUSIBLE), (2, {**_FUSIBLE, **_HALF_FUSIBLE}))
    for base in forms
} | {
    (parts[-1], len(parts)): frozenset(parts[-1:])
    for parts in _FUSED
    if parts[-1] not in dict(_FORMS) and BY_NUMBER[NUMBER[parts[-1]]].is_adaptive
}
#: The base instructions that the specializer decides about, in order.
FAMILIES: tuple[str, ...] = tuple(
    row.name for row in INSTRUCTIONS if row.is_adaptive and row.base == row.name
)
#: The specialized forms by base instruction, in order; fused ones are not among them.
FORMS: dict[str, tuple[Instruction, ...]] = {
    base: tuple(BY_NUMBER[NUMBER[f"{base}_{form}"]] for form in forms)
    for base, forms in _FORMS
}

#: What a form keeps in a field that its base's row calls something else.
FIELD_NAMES: dict[str, dict[str, str]] = {
    "LOAD_ATTR_INSTANCE_VALUE": {"keys_version": "index"},
    "LOAD_ATTR_WITH_HINT": {"keys_version": "index"},
    "LOAD_ATTR_SLOT": {"keys_version": "offset"},
    "LOAD_ATTR_MODULE": {
        "type_version": "keys_version",
        "keys_version": "offset",
        "descriptor": "keys",
    },
    "LOAD_ATTR_CLASS_WITH_METACLASS_CHECK": {"keys_version": "metaclass_version"},
    "LOAD_ATTR_METHOD_LAZY_DICT": {"keys_version": "dict_offset"},
    "LOAD_ATTR_DATA_DESCRIPTOR": {"keys_version": "descriptor_version"},
    "STORE_ATTR_SLOT": {"index": "offset"},
    "CALL_ALLOC_AND_ENTER_INIT": {"function_version": "type_version"},
    "CALL_SUPER_ATTR": {"function_version": "class_cell"},
    "CALL_SUPER_METHOD": {"function_version": "class_cell"},
}
#: The instrumented instruction that stands over a base instruction, by its name.
INSTRUMENTED: dict[str, Instruction] = {
    name: BY_NUMBER[NUMBER[f"INSTRUMENTED_{name}"]] for name, _ in _INSTRUMENTED
}
#: What it tells.
TELLS: dict[str, tuple[str, ...]] = dict(_INSTRUMENTED)
#: Those that may stand over any, the one that is told first in front.
OVER_ANY: tuple[Instruction, ...] = tuple(
    BY_NUMBER[NUMBER[f"INSTRUMENTED_{name}"]] for name in _OVER_ANY
)

#: Operators of BINARY_OP by argument: name and spelling (CPython 3.14's numbers).
_OPERATORS: tuple[tuple[str, str], ...] = (
    ("ADD", "+"),
    ("AND", "&"),
    ("FLOOR_DIVIDE", "//"),
    ("LSHIFT", "<<"),
    ("MATRIX_MULTIPLY", "@"),
    ("MULTIPLY", "*"),
    ("REMAINDER", "%"),
    ("OR", "|"),
    ("POWER", "**"),
    ("RSHIFT", ">>"),
    ("SUBTRACT", "-"),
    ("TRUE_DIVIDE", "/"),
    ("XOR", "^"),
)
BINARY_OPERATOR_NAMES: tuple[str, ...] = (
    tuple(name for name, _ in _OPERATORS)
    + tuple(f"INPLACE_{name}" for name, _ in _OPERATORS)
    + ("SUBSCR",)
)
BINARY_OPERATORS: tuple[str, ...] = (
    tuple(spelling for _, spelling in _OPERATORS)
    + tuple(f"{spelling}=" for _, spelling in _OPERATORS)
    + ("[]",)
)
SUBSCRIPT = BINARY_OPERATORS.index("[]")

#: Operators of COMPARE_OP: the argument's bits from COMPARE_SHIFT up.
COMPARE_OPERATORS: tuple[str, ...] = ("<", "<=", "==", "!=", ">", ">=")
COMPARE_SHIFT = 5

#: Functions of CALL_INTRINSIC_1 and CALL_INTRINSIC_2 by argument (CPython 3.14's).
INTRINSICS_1: tuple[str, ...] = (
    "INVALID",
    "PRINT",
    "IMPORT_STAR",
    "STOPITERATION_ERROR",
    "ASYNC_GEN_WRAP",
    "UNARY_POSITIVE",
    "LIST_TO_TUPLE",
)
INTRINSICS_2: tuple[str, ...] = ("INVALID", "PREP_RERAISE_STAR")

#: Values of LOAD_COMMON_CONSTANT by argument.
COMMON_CONSTANTS: tuple[str, ...] = ("AssertionError",)

#: Attributes of SET_FUNCTION_ATTRIBUTE by argument (a single bit).
FUNCTION_ATTRIBUTES: dict[int, str] = {
    1: "defaults",
    2: "kwdefaults",
    4: "annotations",
    8: "closure",
}

#: Conversions of CONVERT_VALUE by argument.
CONVERSIONS: dict[int, str] = {1: "str", 2: "repr", 3: "ascii"}

#: What a build of the loop and a serialized code object were made from.
MAGIC = ISA_VERSION << 32 | crc32(repr(INSTRUCTIONS).encode())
