"""CALL_SUPER_*: super(...) with an attribute of it, without a super object."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

TYPES = """
class Root:
    pass
class A(Root):
    attr = ["A"]
    def m(self, *a):
        LOG.append("A.m")
        return ["A.m", a]
class Other(Root):
    attr = ["other"]
    def m(self, *a):
        return ["other", a]
def f(o, *a):
    return o.m(*a)
"""
METHOD = f"""{TYPES}
class B(A):
    attr = ["B"]
    def m(self, *a):
        return super().m(1)
class C(B, Other):
    pass
class D(B):
    def m(self, *a):
        return super().m(2)
"""
ATTR = METHOD.replace("super().m(1)", "super().attr")
CELL = METHOD.replace(
    "        return super().m(1)",
    "        def inner():\n            return self\n"
    "        return super().m(1), inner() is self",
)
REBOUND = METHOD.replace(
    "        return super().m(1)",
    "        self = a[0] if a else self\n        return super().m(1)",
)
UNBOUND = METHOD.replace(
    "        return super().m(1)",
    "        if a:\n            del self\n        return super().m(1)",
)
NAMELESS = f"""{TYPES}
def m(self, *a):
    return super().m(1)
class B(A):
    m = m
"""
EXPLICIT = METHOD.replace("super().m(1)", "super(B, self).m(1)")
#: The owner is what nothing else holds; a class takes the place of one.
DROPPED = METHOD.replace("super().m(1)", "super(B, a[0] if a else C()).m(1)")
BARE = ATTR.replace("super().attr", "type(super())")
SHOWN = ATTR.replace("super().attr", "super(B, self).attr")
NAMED, SEEN = "CALL_SUPER_METHOD", "CALL_SUPER_ATTR"
OWNERS = ("B()", "C()", "D()", "B(), D()", "B(), 5", "B(), B", "B(), None", "A()")

#: Form, program, what is broken, what the site becomes.
CHANGES = (
    ("SUPER_METHOD", METHOD, "A.m = 5", "BUILTIN_CLASS"),
    ("SUPER_METHOD", METHOD, "del A.m", "BUILTIN_CLASS"),
    ("SUPER_METHOD", METHOD, "A.m = staticmethod(A.m)", "BUILTIN_CLASS"),
    ("SUPER_METHOD", METHOD, "A.m = classmethod(A.m)", "BUILTIN_CLASS"),
    ("SUPER_METHOD", METHOD, "super = lambda: A()", "PY_EXACT_ARGS"),
    ("SUPER_METHOD", METHOD, "super = Other", "NON_PY_GENERAL"),
    ("SUPER_METHOD", CELL, "A.m = property(lambda s: len)", "BUILTIN_CLASS"),
    ("SUPER_ATTR", ATTR, "A.attr = property(lambda s: 3)", "BUILTIN_CLASS"),
    ("SUPER_ATTR", ATTR, "A.attr = A.m", "BUILTIN_CLASS"),
    ("SUPER_ATTR", ATTR, "del A.attr", "BUILTIN_CLASS"),
    ("SUPER_ATTR", ATTR, "super = lambda: Other", "PY_EXACT_ARGS"),
    ("SUPER_METHOD", EXPLICIT, "A.m = 5", "BUILTIN_CLASS"),
    ("SUPER_METHOD", EXPLICIT, "A.m = classmethod(A.m)", "BUILTIN_CLASS"),
    ("SUPER_METHOD", EXPLICIT, "super = lambda *a: A()", "PY_GENERAL"),
    ("SUPER_METHOD", DROPPED, "A.m = 5", "BUILTIN_CLASS"),
    ("BUILTIN_CLASS", SHOWN, "super = lambda *a: Other", "PY_GENERAL"),
    ("BUILTIN_CLASS", BARE, "super = lambda: Other", "PY_EXACT_ARGS"),
)
CASES = [
    Case(
        f"CALL_{form}",
        source,
        "B()",
        after=f"CALL_{after}" if after.isupper() else after,
        change=change,
        others=OWNERS,
        nth=int(source is DROPPED),
        holder="B.m",
    )
    for form, source, change, after in CHANGES
]

REFUSALS = life.refusals(
    "CALL",
    ("no_form_for_descriptor", METHOD.replace(".m(1)", ".nothing(1)"), "B()", NAMED),
    ("no_form_for_descriptor", ATTR.replace('["A"]', "property(len)"), "B()", SEEN),
    ("no_form_for_descriptor", SHOWN, "B()", SEEN),
    ("data_descriptor", ATTR.replace("super().attr", "super().__class__"), "B()", SEEN),
    ("no_attribute_follows", METHOD, "B()", SEEN),
    ("no_attribute_follows", BARE, "B()", SEEN),
    ("no_form_for_callable", NAMELESS, "B()", NAMED),
    holder="B.m",
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S0-12, S0-13, S1-12, S1-13, S2-10, S2-11, S2-45: the form's beats."""
    life.check_life(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_results(case: Case) -> None:
    """S0-13: whatever comes after what, in a form that stays."""
    life.check_results(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_drift(case: Case) -> None:
    """S2-52: no reference is lost or kept."""
    life.check_no_drift(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusal(refusal: Refusal) -> None:
    """S1-09, S2-30: the base stays, and tries again after twice the distance."""
    life.check_refusal(refusal)


#: The same where the guard still holds: the new state is seen all the same.
SEEN_THROUGH = (
    (METHOD, "A.m = lambda self, *a: ['new', a]"),
    (METHOD, "A.m.__code__ = (lambda self, *a: 'code').__code__"),
    (METHOD, "A.__bases__ = (Other,)"),
    (METHOD, "B.__bases__ = (Other,)"),
    (METHOD, "del A.m; Root.m = lambda self, *a: 'root'"),
    (ATTR, "A.attr = 5"),
    (ATTR, "del A.attr; Root.attr = 6"),
    (REBOUND, "A.m = lambda self, *a: type(self).__name__"),
    (EXPLICIT, "A.m = lambda self, *a: ['new', a]"),
    (EXPLICIT, "A.__bases__ = (Other,)"),
    (DROPPED, "A.m = lambda self, *a: type(self).__name__"),
    (UNBOUND, "A.m = lambda self, *a: type(self).__name__"),
)


@pytest.mark.parametrize(("source", "change"), SEEN_THROUGH)
def test_the_next_call_sees_a_change(source: str, change: str) -> None:
    """S0-02, S0-03, S2-45: nothing of the classes is remembered."""
    form = "CALL_SUPER_ATTR" if source is ATTR else "CALL_SUPER_METHOD"
    case = Case(form, source, "B()", others=OWNERS, change=change, holder="B.m")
    life.check_results(case._replace(nth=int(source is DROPPED)))


#: What super(kind, owner) finds for an owner that is a class of the kind, it does not
#: bind to it, even where the kind is its metaclass as well.
TWOFOLD = f"""{TYPES}
class B(A):
    pass
class Meta(type):
    def m(self=None):
        return ["Meta.m", self]
class Nearer(Meta):
    pass
class Both(Nearer, metaclass=Nearer):
    pass
def f(kind, owner):
    return super(kind, owner).m()
"""


def test_an_owner_that_is_a_class() -> None:
    """S0-13: the host looks in the owner's MRO first, not in that of its type."""
    others = ("Nearer, Both", "Nearer, Nearer('K', (), {})", "5, B()", "B, 5", "B, B")
    case = Case("CALL_SUPER_METHOD", TWOFOLD, "B, B()", others=others)
    life.check_results(case)
