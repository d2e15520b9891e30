"""Which hint a site gets, and the page that shows all hints.

The hints themselves are data, in the `advice_*` modules beside this one, the most
specific first.  `python -m adaptive.report.hints` prints the page, docs/hints.md.
"""

from __future__ import annotations

from adaptive import reasons

from .advice import Hint
from .advice_attributes import ATTRIBUTES
from .advice_calls import CALLS
from .advice_classes import CLASSES
from .advice_containers import CONTAINERS
from .advice_instances import INSTANCES
from .advice_operators import OPERATORS
from .profile import Site

HINTS: tuple[Hint, ...] = (
    *OPERATORS,
    *CLASSES,
    *CONTAINERS,
    *ATTRIBUTES,
    *INSTANCES,
    *CALLS,
)

#: Reasons that no change of a program cures, and why.
WITHOUT: dict[str, str] = {
    "family_off": "The settings say so: `Policy.families` leaves the instruction out.",
    "rule_failed": "The error is in a rule of your own policy.",
    "form_off": "The settings say so: `ADAPTIVE_FORMS` leaves the form out.",
    "other_instruction": "A rule of your own policy names a form that is not one of"
    " the instruction's.",
    "no_form_for_descriptor": "Only a rule of your own policy can name such a form.",
    "no_attribute_follows": "Only a rule of your own policy can name such a form.",
    "other_operator": "Only a rule of your own policy can name such a form.",
    "not_the_same_local": "Only a rule of your own policy can name such a form.",
    "not_a_python_function": "Only a rule of your own policy can name such a form.",
    "no_pair_unpacked": "Only a rule of your own policy can name such a form.",
    "no_form_for_types": "Only a rule of your own policy refuses so, or names such a"
    " form.",
    "no_form_for_callable": "`super()` without a class or an argument around it always"
    " raises; else it is a rule of your own policy.",
    "no_version": "CPython has given all its version numbers away, after some"
    " 4 000 000 000 changes of types or dicts.",
    "out_of_range": "A module or a class would need more than 65 535 names.",
    "other_argument_count": "The call raises TypeError each time: it is to be mended,"
    " not to be made faster.",
    "callee_not_ready": "It passes when the function has been called as often as the"
    " threshold says (`--threshold`). A function that is declined, or not selected by"
    " @specialize, stays with the host.",
    "callee_without_locals": "The function was made from the code of a module or class"
    " body, as exec() runs it.",
}

_HEAD = """# Hints

What to change in a program so that a site specializes: what `--suggest` says, and why.
This page is printed by `python -m adaptive.report.hints`.

Each hint has two programs. On the marked line of the first, a site is refused for the
reason; on the marked lines of the second, every site has a form, or needs none. A test
runs both, and compares what they compute. Measure before you follow a hint: a site that
is not hot is best left as it reads best.
"""


def hint_for(site: Site) -> Hint | None:
    """What to change so that the site is not refused, if anything helps."""
    seen = [types.types for types in site.types]
    for hint in HINTS:
        if hint.reason == site.reason and hint.suits(site.family, seen):
            return hint
    return None


def _shown(hint: Hint) -> str:
    """One hint's part of the page."""
    where = ", ".join(f"`{family}`" for family in hint.families) or "any instruction"
    types = ", ".join(f"`{name}`" for name in sorted(hint.having))
    return "\n".join(
        [
            f"### {hint.title}",
            "",
            f"For {where}{f' with {types}' if types else ''}. {hint.text}",
            "",
            f"```py{hint.before}```",
            "",
            "becomes",
            "",
            f"```py{hint.after}```",
            "",
        ]
    )


def page() -> str:
    """All hints by reason, as Markdown."""
    parts = [_HEAD]
    for row in reasons.of_kind(reasons.REFUSAL):
        hints = [hint for hint in HINTS if hint.reason == row.name]
        if hints:
            parts += [f"## `{row.name}`\n", f"{row.sentence}\n", *map(_shown, hints)]
    parts += ["## Reasons without a hint\n", "| reason | why |", "|---|---|"]
    parts += [f"| `{name}` | {why} |" for name, why in WITHOUT.items()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")
