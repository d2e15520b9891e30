"""An adaptive, specializing interpreter that plugs into stock CPython.

    import adaptive
    adaptive.enable()               # every warm function runs on the engine
    with adaptive.enabled(): ...    # only while the block runs

    @adaptive.specialize            # only this function and what it calls
    def hot(): ...

`counters()` says how much ran where and why; `code(f)` shows a function's code units;
`declined(f)` names the reason for which a function stays with the host.

This module is where the parts meet: it loads the core and fills the core's slots.

PYTEST_DONT_REWRITE: it is imported before pytest can rewrite its (absent) asserts, of
which pytest would warn in every run under `python -m adaptive -m pytest`.
"""

from __future__ import annotations

from importlib import import_module

from adaptive import config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any, TypeVar

    from adaptive._code import AdaptiveCode
    from adaptive._core import Site
    from adaptive.families import Outcome
    from adaptive.lowering import Lowered
    from adaptive.specializer import Policy

    F = TypeVar("F", bound=Callable[..., Any])

__version__ = "0.1.0"
__all__ = [
    "Policy",
    "code",
    "counters",
    "declined",
    "disable",
    "enable",
    "enabled",
    "is_enabled",
    "reset_counters",
    "specialize",
]

#: Builds of the loop, by the modules they are.
PLAIN = "_core"
STRESSED = "_core_stress"
COUNTING = "_core_stats"

_builds: dict[str, ModuleType] = {}  # those whose slots are filled
_loaded: ModuleType | None = None  # the build in use
_policy: Policy | None = None
_calls = config.DEFAULT_THRESHOLD  # the threshold in use


def _first_build() -> str:
    """The build that the settings ask for."""
    settings = config.settings()
    if settings.stress:
        return STRESSED
    return COUNTING if settings.counting else PLAIN


def _load(build: str) -> ModuleType:
    """A build of the loop, its slots filled.

    Raises ImportError, one sentence, where the core does not fit the interpreter, and
    ValueError for settings that choose functions and cannot be followed.
    """
    if build in _builds:
        return _builds[build]
    core = import_module(f"adaptive.{build}")
    from adaptive.lowering import (
        Declined,
        lower,
        pending_work_function,
        reraise_function,
    )

    settings = config.settings()
    lowering: Callable[[CodeType], Lowered] = lower
    if settings.only or settings.lowered:
        from adaptive.selection import chosen

        lowering = chosen(lower)
    core.plug_in(lowering, Declined, pending_work_function(), reraise_function())
    core.set_thread_copies(settings.tlbc == "on")
    stress = settings.stress
    if stress:
        core.set_stress(
            stress.seed,
            config.BAIL_ONE_IN if "bail" in stress.modes else 0,
            config.GC_EVERY_INSTRS if "gc" in stress.modes else 0,
            config.MISS_ONE_IN if "deopt" in stress.modes else 0,
        )
    if "check" in stress.modes:
        from adaptive.lowering.depths import depths

        core.set_checks(depths)
    _builds[build] = core
    return core


def _engine() -> ModuleType:
    """The build of the loop in use, loaded at the first call.

    Raises ImportError, one sentence, where the core does not fit the interpreter, and
    ValueError for a policy or a choice in the settings that cannot be used.
    """
    global _loaded
    if _loaded is None:
        policy = _first_policy()
        core = _load(_first_build())
        _use(core, policy)
        _loaded = core
    return _loaded


class _State:
    """Which build is in use, and whether it is on."""

    __slots__ = ("build", "calls", "enabled", "policy")

    def __init__(self) -> None:
        self.build = _engine().__name__.rpartition(".")[2]
        self.calls = _calls
        self.enabled = is_enabled()
        self.policy = _policy


def _switch_build(build: str) -> ModuleType:
    """Use another build of the loop from now on; it is off.  Raises ImportError."""
    global _loaded
    core = _load(build)
    disable()
    _use(core, _policy or _first_policy())
    _loaded = core
    return core


def _restore_state(state: _State) -> None:
    """Everything is as it was when the state was taken."""
    core = _switch_build(state.build)
    if state.policy is not None:
        _use(core, state.policy)
    if state.enabled:
        enable(state.calls)


def _first_policy() -> Policy:
    """The policy that ADAPTIVE_POLICY or the command line names, or the default."""
    from adaptive.specializer import Policy, load_policy

    named = config.settings().policy
    return load_policy(named) if named else Policy()


def _use(core: ModuleType, policy: Policy) -> None:
    """Let the policy decide from now on.

    Raises TypeError for something that is none, and what `Policy.prepare` raises.
    """
    global _policy
    from adaptive import isa
    from adaptive.specializer import Policy, raw_counter

    if not isinstance(policy, Policy):
        raise TypeError(f"policy must be an adaptive.Policy, not {policy!r}")
    warmup, cooldown = policy.prepare()
    if "specialize" in config.settings().stress.modes:
        warmup = cooldown = raw_counter("stress", config.AT_ONCE)
    choose: Callable[[Site], Outcome] = policy.choose
    # Threads that share code that nobody specializes: then nothing fuses it either.
    wanted = config.settings().tlbc != "off"
    fuses = wanted and policy.fuse
    fused = {row.name for row in isa.FUSED.values()} if fuses else set()
    words = config.settings().forms
    if words:
        from adaptive.selection import allowing, forms

        allowed = forms(words)
        choose = allowing(choose, allowed)
        fused &= allowed
    core.set_policy(choose, warmup, cooldown, wanted and bool(policy.families), fused)
    _policy = policy


def enable(threshold: int | None = None, *, policy: Policy | None = None) -> None:
    """Run every function on the engine once it has been called `threshold` times.

    Code with loops is lowered at its first call.  None means the policy's threshold,
    or the setting in force (`ADAPTIVE_THRESHOLD`, else 4).  A policy decides about
    specialization from now on, until another is given.  With `ADAPTIVE_DISABLE=1`
    nothing happens.
    Raises ValueError for a threshold or counter out of bounds, TypeError for a
    threshold that is no int or a policy that is none, ImportError where the engine does
    not fit the interpreter.
    """
    if threshold is not None:
        config.check_threshold(threshold)
    settings = config.settings()
    if settings.disabled:
        return
    global _calls
    engine = _engine()
    if policy is not None:
        _use(engine, policy)
    if threshold is None and _policy is not None:
        threshold = _policy.threshold
    _calls = settings.threshold if threshold is None else threshold
    engine.enable(_calls)


def disable() -> None:
    """Take the hook away: the process runs as if the engine had never been there.

    Frames that are running are handed to the host at their next boundary.
    """
    if _loaded is not None:
        _loaded.disable()


class enabled:
    """Context manager: `enable(threshold)` for the block, then as it was before."""

    def __init__(self, threshold: int | None = None) -> None:
        self._threshold = threshold
        self._was_enabled = False

    def __enter__(self) -> None:
        self._was_enabled = is_enabled()
        enable(self._threshold)

    def __exit__(self, *exception: object) -> None:
        if not self._was_enabled:
            disable()


def is_enabled() -> bool:
    """Whether the hook is installed."""
    return _loaded is not None and _loaded.is_enabled()


def _code_of(target: Any) -> CodeType:
    """The code object of a function, method, code object or the like."""
    from types import CodeType

    target = getattr(target, "__func__", target)
    found = target if isinstance(target, CodeType) else None
    for name in ("__code__", "gi_code", "cr_code", "ag_code"):
        found = found or getattr(target, name, None)
    if not isinstance(found, CodeType):
        raise TypeError(f"{type(target).__name__} object has no Python code")
    return found


def specialize(function: F) -> F:
    """Decorator: run this function, those nested in it and what they call, here.

    The hook stays installed as long as the code of a selected function lives.
    Raises TypeError for something without Python code.
    """
    from types import CodeType

    if config.settings().disabled:
        return function
    pending = [_code_of(function)]
    while pending:
        code = pending.pop()
        _engine().mark(code)
        pending += [const for const in code.co_consts if isinstance(const, CodeType)]
    return function


def code(target: Any) -> AdaptiveCode:
    """The adaptive form of a function's code.

    Raises ValueError, naming the reason, for code that is declined; TypeError for
    something without Python code.
    """
    from adaptive._code import AdaptiveCode

    return AdaptiveCode(_engine(), _code_of(target))


def declined(target: Any) -> str | None:
    """The name of the reason for which code stays with the host, or None."""
    if config.settings().disabled:
        return "suppressed"
    reason: str | None = _engine().declined_reason(_code_of(target))
    return reason


def __getattr__(name: str) -> Any:
    """`Policy`, loaded when it is first asked for."""
    if name == "Policy":
        from adaptive.specializer import Policy

        return Policy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def counters() -> dict[str, Any]:
    """Frames run here and left to the host by reason, calls, bail-outs by reason."""
    counted: dict[str, Any] = _engine().counters()
    return counted


def reset_counters() -> None:
    """Set all counters to zero."""
    _engine().reset_counters()
