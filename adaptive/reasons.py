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
    Reason("suppressed", (DECLINE,), "ADAPTIVE_DISABLE keeps the engine off."),
    # -- frames handed over on the way
    Reason("stress", (BAILOUT,), "The stress mode asked for it."),
    Reason(
        "except_star",
        (BAILOUT,),
        "An except* clause splits an exception group, which the host does.",
    ),
    Reason("disabled", (BAILOUT,), "disable() was called while the frame ran."),
    Reason(
        "coroutine_origin",
        (BAILOUT,),
        "sys.set_coroutine_origin_tracking_depth() is on, and the host records it.",
    ),
    # -- sites that get no form: of any family
    Reason("family_off", (REFUSAL,), "The policy has switched the family off."),
    Reason("rule_failed", (REFUSAL,), "The policy's rule raised an exception."),
    Reason(
        "other_instruction",
        (REFUSAL,),
        "The policy's rule named a form of another instruction.",
    ),
    Reason(
        "no_form_for_types",
        (REFUSAL,),
        "No form works on operands of these exact types; subclasses have none.",
    ),
    Reason(
        "no_version",
        (REFUSAL,),
        "The type, function or dict has no version, or there are no more to give.",
    ),
    Reason(
        "polymorphic",
        (REFUSAL,),
        "The form was changed again and again: the operands are of many types.",
    ),
    Reason("out_of_range", (REFUSAL,), "An index or version does not fit the cache."),
    # -- operators, subscripts, loops
    Reason("mixed_types", (REFUSAL,), "No form combines the operands' two types."),
    Reason("big_int", (REFUSAL,), "An int of more than one digit, or a negative one."),
    Reason(
        "other_operator",
        (REFUSAL,),
        "The form does not compute this operator's result.",
    ),
    Reason(
        "not_the_same_local",
        (REFUSAL,),
        "The sum of two strings is not stored where the left one came from.",
    ),
    Reason(
        "not_a_python_function",
        (REFUSAL,),
        "The special method is no plain Python function.",
    ),
    Reason(
        "other_length", (REFUSAL,), "The sequence has another length than the targets."
    ),
    Reason(
        "no_pair_unpacked",
        (REFUSAL,),
        "The loop does not take its items apart into two variables.",
    ),
    # -- attributes and globals
    Reason(
        "own_attribute_hook",
        (REFUSAL,),
        "The type loads or stores attributes in a way of its own.",
    ),
    Reason(
        "data_descriptor",
        (REFUSAL,),
        "The type has a data descriptor under the name.",
    ),
    Reason(
        "non_data_descriptor",
        (REFUSAL,),
        "The type has a descriptor under the name that is no method.",
    ),
    Reason(
        "no_form_for_descriptor",
        (REFUSAL,),
        "What the type has under the name is not what the form loads.",
    ),
    Reason(
        "mutable_type",
        (REFUSAL,),
        "What the type has under the name may still become a descriptor, as its class"
        " can be changed.",
    ),
    Reason(
        "method_not_called", (REFUSAL,), "The method is loaded without being called."
    ),
    Reason("metaclass_attribute", (REFUSAL,), "The metaclass has the name as well."),
    Reason(
        "shadowed", (REFUSAL,), "Instances of the type hold values under the name too."
    ),
    Reason("not_in_instance", (REFUSAL,), "The instance does not keep the value so."),
    Reason("name_not_found", (REFUSAL,), "Nothing has the name yet."),
    Reason(
        "not_a_plain_dict",
        (REFUSAL,),
        "Globals or builtins are no plain dict with strings as keys.",
    ),
    # -- calls
    Reason("no_form_for_callable", (REFUSAL,), "No form calls callables of this kind."),
    Reason(
        "old_convention",
        (REFUSAL,),
        "The builtin takes its arguments as a tuple, which must be made first.",
    ),
    Reason(
        "callee_not_ready",
        (REFUSAL,),
        "The Python function that is called does not run on the engine yet.",
    ),
    Reason(
        "callee_without_locals",
        (REFUSAL,),
        "The function's code runs in a namespace of its caller's.",
    ),
    Reason(
        "no_attribute_follows",
        (REFUSAL,),
        "super() is not followed by an attribute of what it returns.",
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
