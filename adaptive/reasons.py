"""Every reason for which something is not run on the engine: a name and a sentence.

A reason is named once, here.  The build writes one C constant ``REASON_<NAME>`` per row
into ``_ops.pxd``, numbered by the order of the rows, and the counters, `declined` and
the command line speak of reasons by the same names.

This module imports nothing of the package, so that the build can load it by path, and
nothing that is slow to import.
"""

from __future__ import annotations

#: Why a frame was left to the host from its beginning.
FRAME = "frame"
#: Why a code object is not lowered, now or ever.
DECLINE = "decline"
#: Why a frame that was running on the engine was handed to the host.
BAILOUT = "bailout"

#: Why a site gets no specialized form when its counter triggers.
REFUSAL = "refusal"

KINDS = (FRAME, DECLINE, BAILOUT, REFUSAL)


class Reason:
    """One row: the name counters show, what it can be the reason of, one sentence."""

    __slots__ = ("kinds", "name", "sentence")

    def __init__(self, name: str, kinds: tuple[str, ...], sentence: str) -> None:
        self.name = name
        self.kinds = kinds
        self.sentence = sentence


TABLE: tuple[Reason, ...] = (
    # -- frames left to the host
    Reason("cold", (FRAME,), "The function has not been called often enough yet."),
    Reason(
        "tracing",
        (FRAME, BAILOUT),
        "A trace or profile function is set, and the host is the one to call it.",
    ),
    Reason("own", (FRAME,), "The package's own Python code was running."),
    Reason("unmarked", (FRAME,), "The function was not selected by @specialize."),
    Reason("no_memory", (FRAME,), "There was no memory to note anything of the code."),
    Reason(
        "no_copy",
        (FRAME,),
        "The thread has no copy of the code: it ends, or there is no memory for one.",
    ),
    # -- code objects that are refused
    Reason(
        "unknown_opcode",
        (FRAME, DECLINE),
        "The bytecode holds an instruction that the host's compiler never emits.",
    ),
    Reason(
        "code_too_large",
        (FRAME, DECLINE),
        "The lowered code would be longer than 65535 units.",
    ),
    Reason(
        "lowering_failed",
        (FRAME, DECLINE),
        "The lowering itself raised an exception.",
    ),
    Reason(
        "not_chosen",
        (FRAME, DECLINE),
        "ADAPTIVE_ONLY names other functions.",
    ),
    Reason("suppressed", (DECLINE,), "ADAPTIVE_DISABLE keeps the engine off."),
    # -- frames handed over on the way
    Reason("stress", (BAILOUT,), "The stress mode asked for it."),
    Reason(
        "inconsistent",
        (BAILOUT,),
        "A check found the frame in a state that the engine cannot have meant.",
    ),
    Reason("disabled", (BAILOUT,), "disable() was called while the frame ran."),
    Reason(
        "coroutine_origin",
        (BAILOUT,),
        "sys.set_coroutine_origin_tracking_depth() is on, and the host records it.",
    ),
    # -- sites that get no form: of any family
    Reason(
        "family_off",
        (REFUSAL,),
        "The policy in force has switched this instruction's forms off.",
    ),
    Reason(
        "rule_failed",
        (REFUSAL,),
        "The policy's rule raised an exception, which was shown when it happened.",
    ),
    Reason("form_off", (REFUSAL,), "ADAPTIVE_FORMS names other forms."),
    Reason(
        "other_instruction",
        (REFUSAL,),
        "The policy's rule named a form of another instruction.",
    ),
    Reason(
        "no_form_for_types",
        (REFUSAL,),
        "The policy's rule has no form for these types, or named one that does not fit"
        " them.",
    ),
    Reason(
        "other_builtin",
        (REFUSAL,),
        "No form of this instruction works on values of this type, which is written in"
        " C.",
    ),
    Reason(
        "subclass",
        (REFUSAL,),
        "A value is of a subclass of a builtin type, as bool is of int and defaultdict"
        " of dict; forms are for the builtin type itself.",
    ),
    Reason(
        "special_method",
        (REFUSAL,),
        "A special method of the class does this, such as __eq__, __bool__ or __next__,"
        " and no form calls it.",
    ),
    Reason(
        "no_version",
        (REFUSAL,),
        "The type, function or dict has no version number by which a form could see"
        " that it has changed.",
    ),
    Reason(
        "polymorphic",
        (REFUSAL,),
        "The form was changed again and again, and given up: values of many types come"
        " by, or what a form relies on keeps changing.",
    ),
    Reason(
        "out_of_range",
        (REFUSAL,),
        "An index or version number is too large for the room that a form has for it.",
    ),
    # -- operators, subscripts, loops
    Reason(
        "mixed_types",
        (REFUSAL,),
        "The two operands are of different types, and no form takes this pair.",
    ),
    Reason(
        "big_int",
        (REFUSAL,),
        "An int is too large (2**30 or more), or an index is negative.",
    ),
    Reason(
        "no_form_for_operator",
        (REFUSAL,),
        "No form computes this operator, though others have one for these types.",
    ),
    Reason(
        "index_not_an_int",
        (REFUSAL,),
        "What stands in the brackets is not an int, but a slice or another type.",
    ),
    Reason(
        "other_operator",
        (REFUSAL,),
        "The policy's rule named a form that does not compute this operator.",
    ),
    Reason(
        "not_the_same_local",
        (REFUSAL,),
        "The sum of two strings is not stored in the variable of the left one.",
    ),
    Reason(
        "not_a_python_function",
        (REFUSAL,),
        "The container's __getitem__ is not a plain Python function.",
    ),
    Reason(
        "not_a_tuple_or_list",
        (REFUSAL,),
        "What is unpacked is neither a tuple nor a list.",
    ),
    Reason(
        "other_length",
        (REFUSAL,),
        "What is unpacked has another length than there are variables.",
    ),
    Reason(
        "no_pair_unpacked",
        (REFUSAL,),
        "The loop does not unpack its items into just two variables.",
    ),
    # -- attributes and globals
    Reason(
        "own_attribute_hook",
        (REFUSAL,),
        "The class has its own way to load or store attributes, such as __getattr__ or"
        " __setattr__.",
    ),
    Reason(
        "data_descriptor",
        (REFUSAL,),
        "The class has a property or another descriptor under the name, which decides"
        " itself.",
    ),
    Reason(
        "non_data_descriptor",
        (REFUSAL,),
        "The name leads to a descriptor that computes a value, such as a classmethod"
        " or a property asked of the class.",
    ),
    Reason(
        "no_form_for_descriptor",
        (REFUSAL,),
        "What the class has under the name is not what the form could load.",
    ),
    Reason(
        "mutable_type",
        (REFUSAL,),
        "The class has under the name an instance of a Python class, which could"
        " become a descriptor at any time.",
    ),
    Reason(
        "method_not_called",
        (REFUSAL,),
        "A method is loaded without being called, so a bound method is made each time.",
    ),
    Reason(
        "metaclass_attribute",
        (REFUSAL,),
        "The class's metaclass has the name as well, and is asked first.",
    ),
    Reason(
        "shadowed",
        (REFUSAL,),
        "The name is looked for in a class or in builtins, but instances or the module"
        " have it as well.",
    ),
    Reason(
        "not_in_instance",
        (REFUSAL,),
        "The instance does not keep its attributes in the usual place: its __dict__"
        " was used, the attribute is not there yet, or it has no room for one.",
    ),
    Reason(
        "name_not_found",
        (REFUSAL,),
        "Nothing had the name when it was looked for: it raised an exception.",
    ),
    Reason(
        "not_a_plain_dict",
        (REFUSAL,),
        "The module's globals or the builtins are not a plain dict with only strings"
        " as keys.",
    ),
    # -- calls
    Reason(
        "no_form_for_callable",
        (REFUSAL,),
        "The policy's rule has no form for what is called, or named one that does not"
        " fit it.",
    ),
    Reason(
        "other_callable",
        (REFUSAL,),
        "A method that is neither a Python function nor a builtin's is called, such as"
        " one under functools.lru_cache.",
    ),
    Reason(
        "keywords_for_class",
        (REFUSAL,),
        "A class with its own __init__ is called with keyword arguments.",
    ),
    Reason(
        "keywords_for_builtin",
        (REFUSAL,),
        "A builtin type's method is called with keyword arguments.",
    ),
    Reason(
        "other_argument_count",
        (REFUSAL,),
        "The builtin does not take so many arguments: the call raised TypeError.",
    ),
    Reason(
        "old_convention",
        (REFUSAL,),
        "The builtin wants its arguments packed in a tuple, which is made anew for"
        " each call.",
    ),
    Reason(
        "callee_not_ready",
        (REFUSAL,),
        "The Python function that is called does not run on the engine, or not yet.",
    ),
    Reason(
        "callee_without_locals",
        (REFUSAL,),
        "The function's code has no local variables of its own: it was compiled as a"
        " module or class body.",
    ),
    Reason(
        "no_attribute_follows",
        (REFUSAL,),
        "super() is given arguments, or no attribute of it is loaded at once.",
    ),
)

#: The names by number: row n's C constant ``REASON_<NAME>`` is n.
NAMES: tuple[str, ...] = tuple(row.name for row in TABLE)
BY_NAME: dict[str, Reason] = {row.name: row for row in TABLE}
NUMBER: dict[str, int] = {name: number for number, name in enumerate(NAMES)}


def of_kind(kind: str) -> tuple[Reason, ...]:
    """The rows that can be a reason of this kind.  Raises ValueError for no kind."""
    if kind not in KINDS:
        raise ValueError(f"no kind of reason is called {kind!r}")
    return tuple(row for row in TABLE if kind in row.kinds)


def is_refusal(outcome: object) -> bool:
    """Whether this is a row of the table that a site may be refused for."""
    return isinstance(outcome, Reason) and (
        BY_NAME.get(outcome.name) is outcome and REFUSAL in outcome.kinds
    )


def sentence(name: str) -> str:
    """What a reason means, for people.  Raises KeyError for a name with no row."""
    return BY_NAME[name].sentence
