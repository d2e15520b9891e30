"""When a site is tried and which form it gets: the policy, in Python.

The engine counts executions and calls `Policy.choose` with a `Site` when a counter
triggers; what comes back is committed or counted as a refusal.  Nothing here knows how
a form works: that is the business of the ``.pxi`` files of `adaptive.families`.

A policy is data for the user to change::

    class NoCalls(adaptive.Policy):
        families = adaptive.Policy.families - {"CALL"}

    adaptive.enable(policy=NoCalls())

A rule runs in the middle of the program, perhaps inside an import or under a lock of
its own.  So it imports nothing and waits for nothing, and the package's rules are
loaded before any of them is asked.
"""

from __future__ import annotations

from importlib import import_module

from adaptive import config, isa, reasons
from adaptive._cache import make_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar

    from adaptive._core import Site
    from adaptive.families import Outcome, Rule


def default_rule(family: str) -> Rule:
    """The rule that `adaptive.families` has for a family; loaded when first asked for.

    Raises KeyError for a name that is no family.
    """
    if family not in isa.FAMILIES:
        raise KeyError(f"no family is called {family!r}")
    rule: Rule = import_module(f"adaptive.families.{family.lower()}").choose
    return rule


def raw_counter(name: str, pair: object) -> int:
    """The counter that a policy spells (value, backoff).

    Raises TypeError for something else, ValueError for one out of bounds.
    """
    match pair:
        case (int(), int()):
            pass
        case _:
            raise TypeError(f"{name} must be (value, backoff), not {pair!r}")
    try:
        return make_counter(*pair)
    except ValueError as error:
        raise ValueError(f"{name} {pair!r}: {error}") from None


class Policy:
    """What decides about specialization; subclass it, or set attributes of one.

    `warmup` and `cooldown` are counters, (value, backoff): executions to let pass
    before the first attempt, and misses after a success before the next; `threshold`
    is the calls before a function is lowered (None: the setting in force); `families`
    are those that specialize at all; `fuse` is whether pairs of instructions are
    fused; `rules` replaces the rules of single families.  All are read when the policy
    is put to use.
    """

    warmup: tuple[int, int] = config.COUNTER_STARTS["WARMUP"]
    cooldown: tuple[int, int] = config.COUNTER_STARTS["COOLDOWN"]
    threshold: int | None = None
    families: frozenset[str] = frozenset(isa.FAMILIES)
    fuse: bool = True
    rules: ClassVar[Mapping[str, Rule]] = {}

    def __init__(self) -> None:
        self._loaded: dict[str, Rule] = {}

    def rule(self, family: str) -> Rule:
        """The rule in force for a family.  Raises KeyError for no family."""
        return self.rules.get(family) or default_rule(family)

    def prepare(self) -> tuple[int, int]:
        """Check everything and load the rules; the raw counters, warmup and cooldown.

        Raises ValueError for what is out of bounds and for names of no family,
        TypeError for what is no counter, no threshold or no rule at all.
        """
        unknown = {*self.families, *self.rules} - {*isa.FAMILIES}
        if unknown:
            raise ValueError(f"no family is called {min(map(repr, unknown))}")
        self._loaded = {family: self.rule(family) for family in self.families}
        for family, rule in self._loaded.items():
            if not callable(rule):
                raise TypeError(f"the rule for {family} must be callable, not {rule!r}")
        if self.threshold is not None:
            config.check_threshold(self.threshold)
        return (
            raw_counter("warmup", self.warmup),
            raw_counter("cooldown", self.cooldown),
        )

    def choose(self, site: Site) -> Outcome:
        """The form for the site, or the reason why it gets none."""
        family = site.family
        if family not in self.families:
            return reasons.BY_NAME["family_off"]
        try:
            rule = self._loaded[family]
        except KeyError:
            rule = self._loaded[family] = self.rule(family)
        return rule(site)


def load_policy(named: str) -> Policy:
    """A policy made from ``FILE:CLASS``, and checked.

    Raises ValueError, one sentence, for a file that cannot be run, for one without such
    a class, for a class that is no `Policy`, and for a policy that cannot be used.
    """
    from runpy import run_path

    file, _, class_name = named.rpartition(":")
    try:
        namespace = run_path(file)
    except (Exception, SystemExit) as error:
        raise ValueError(f"policy {file}: {_sentence(error)}") from error
    found = namespace.get(class_name)
    if not (isinstance(found, type) and issubclass(found, Policy)):
        raise ValueError(f"policy {file} has no adaptive.Policy called {class_name}")
    try:
        policy = found()
        policy.prepare()
    except (Exception, SystemExit) as error:
        raise ValueError(f"policy {named}: {_sentence(error)}") from error
    return policy


def _sentence(error: BaseException) -> str:
    """An exception's type and text on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
