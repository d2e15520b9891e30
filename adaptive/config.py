"""The switches and thresholds of the package, each declared once, as data.

Owns every environment variable read at run time and every number that decides when
the engine does something; what they lead to is the business of ``__init__`` and of
``_core``.  The command line's ``--threshold``, ``--stress``, ``--policy`` and
``--tlbc`` override the environment through `configure`.

This module imports nothing of the package, so that the build can load it by path, and
nothing that is slow to import, because every start of the package pays for it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Calls before a function is lowered.  Until then each call crosses the hook and the
#: host can no longer inline it, so it must be small; above 0, because most functions of
#: a program run once or twice and lowering them would cost more than it gives.
DEFAULT_THRESHOLD = 4

#: The call counter is a C int that also counts below zero.
MAX_THRESHOLD = 1 << 30

#: The random generator of the stress modes has 32 bits of state.
MAX_SEED = (1 << 32) - 1

#: A backoff counter is 16 bits: the executions to let pass, and in its low bits the
#: backoff, the power of two that the next wait is made from.
COUNTER_BACKOFF_BITS = 4

#: The longest wait is 2 ** this - 1 executions; it must fit the value's 12 bits.
COUNTER_MAX_BACKOFF = 12

#: The backoff of a counter that never triggers.  It must be the largest there is: then
#: one comparison of the raw counter tests value and backoff together.
COUNTER_UNREACHABLE = 15

#: Where backoff counters start: value and backoff.
COUNTER_STARTS: dict[str, tuple[int, int]] = {
    # The second execution attempts: the first may be the only one.  The backoff must be
    # small, or a site that fails once early is not tried again while it matters.
    "WARMUP": (1, 1),
    # After a success; the 53rd miss tries again.  53 is prime, so that a loop whose
    # types alternate with a short period does not always miss at the same type.  The
    # backoff is 0, so that the first failure after it waits shortest.
    "COOLDOWN": (52, 0),
    # JUMP_BACKWARD.  Must exceed the cool-down, or a loop is traced before the sites in
    # it have settled.
    "JUMP": (4095, 12),
    # A side exit of a trace.  Must exceed the cool-down, or a side exit is traced
    # before its site can respecialize.
    "SIDE_EXIT": (4095, 12),
}

#: How often in a row a site may change its form before it counts as polymorphic and
#: stays with its base for the longest wait there is.  Each change has cost a cool-down
#: of misses, and a miss costs more than the base alone.
MOST_CHANGES = 4

#: Calls that must be left below the recursion limit for a rule to be asked: more than
#: any of ours makes, so that a rule never fails for what the program does.
RULE_DEPTH = 50

#: ``--stress bail``: one instruction boundary in so many hands its frame to the host.
#: Small enough that a short function is cut, large enough that most of it still runs
#: on the engine.
BAIL_ONE_IN = 32

#: ``--stress gc``: instructions between two collections.  A prime, so that the
#: collections do not fall on the same instruction of a loop every time.
GC_EVERY_INSTRS = 211

#: ``--stress deopt``: one guard in so many fails though it holds.  Small enough that
#: every form of a short loop misses, large enough that forms are hit in between.
MISS_ONE_IN = 8

#: ``--stress specialize``: the counter that lets no execution and no miss pass.
AT_ONCE = (0, 0)

#: What a stress mode does, by name.
STRESS_MODES: dict[str, str] = {
    "bail": "hand frames to the host at random instruction boundaries",
    "deopt": "let guards of specialized instructions fail at random",
    "specialize": "specialize at the first execution and again at every miss",
    "check": "compare the stack with what each instruction must leave",
    "gc": f"collect garbage every {GC_EVERY_INSTRS} instructions",
}

#: What threads run, by name of the mode.
THREAD_COPIES: dict[str, str] = {
    "auto": "one copy of the code units that all threads share, under the host's lock",
    "on": "each thread specializes a copy of its own",
    "off": "all threads share one copy, and nothing is specialized",
}

#: Other spellings, those of CPython's own switch for thread-local bytecode.
THREAD_COPIES_SPELLINGS = {"0": "off", "1": "on"}


class Switch:
    """One environment variable: what it means when unset, what it accepts, and why."""

    __slots__ = ("bound", "default", "name", "why")

    def __init__(self, name: str, default: str, bound: str, why: str) -> None:
        self.name = name
        self.default = default
        self.bound = bound
        self.why = why


SWITCHES: tuple[Switch, ...] = (
    Switch(
        "ADAPTIVE_DISABLE",
        default="0",
        bound="0 or 1",
        why="1 keeps the engine off, to see whether a fault goes away without it",
    ),
    Switch(
        "ADAPTIVE_THRESHOLD",
        default=str(DEFAULT_THRESHOLD),
        bound=f"a whole number from 0 to {MAX_THRESHOLD}",
        why="calls before a function runs on the engine; 0 puts everything on it",
    ),
    Switch(
        "ADAPTIVE_STRESS",
        default="",
        bound=f"MODE[,MODE][:SEED] with modes {', '.join(STRESS_MODES)}",
        why="provokes rare states on purpose; the seed makes a run repeatable",
    ),
    Switch(
        "ADAPTIVE_POLICY",
        default="",
        bound="FILE:CLASS",
        why="a policy of your own decides what is specialized, and when",
    ),
    Switch(
        "ADAPTIVE_ONLY",
        default="",
        bound="FILE:QUALNAME[,FILE:QUALNAME] with * and ?, or @FILE with one a line",
        why="lowers these functions only, to find the one that is at fault",
    ),
    Switch(
        "ADAPTIVE_FORMS",
        default="",
        bound="FORM[,FORM], families for all of theirs, or none",
        why="commits these forms only, to find the one that is at fault",
    ),
    Switch(
        "ADAPTIVE_LOWERED",
        default="",
        bound="a file",
        why="lists every function that is lowered, as ADAPTIVE_ONLY takes them",
    ),
    Switch(
        "ADAPTIVE_TLBC",
        default="auto",
        bound=", ".join(THREAD_COPIES),
        why="whether threads specialize copies of the code units of their own",
    ),
)

_BY_NAME = {switch.name: switch for switch in SWITCHES}


class Stress:
    """The stress modes that are on, and the seed of their random choices."""

    __slots__ = ("modes", "seed")

    def __init__(self, modes: tuple[str, ...] = (), seed: int = 0) -> None:
        self.modes = modes
        self.seed = seed

    def __bool__(self) -> bool:
        return bool(self.modes)


class Settings:
    """The values in force in this process."""

    __slots__ = (
        "counting",
        "disabled",
        "forms",
        "lowered",
        "only",
        "policy",
        "stress",
        "threshold",
        "tlbc",
    )

    def __init__(
        self,
        disabled: bool,
        threshold: int,
        stress: Stress,
        policy: str,
        counting: bool = False,
        only: str = "",
        forms: str = "",
        lowered: str = "",
        tlbc: str = "auto",
    ) -> None:
        self.disabled = disabled
        self.threshold = threshold
        self.stress = stress
        self.policy = policy
        self.counting = counting
        self.only = only
        self.forms = forms
        self.lowered = lowered
        self.tlbc = tlbc


def parse_flag(text: str, name: str) -> bool:
    """``0``, ``1`` or nothing, as a bool.  Raises ValueError naming the switch."""
    if text not in ("", "0", "1"):
        raise ValueError(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


def parse_whole(text: str, name: str, limit: int) -> int:
    """A whole number from 0 to `limit`.  Raises ValueError naming the switch."""
    # isdecimal alone would let other scripts' digits through, int() signs and spaces.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(limit))):
        raise ValueError(f"{name} must be from 0 to {limit}, not {text!r}")
    number = int(text)
    if number > limit:
        raise ValueError(f"{name} must be from 0 to {limit}, not {text!r}")
    return number


def check_threshold(threshold: object) -> None:
    """Raises TypeError for a threshold that is no int, ValueError out of bounds."""
    if not isinstance(threshold, int):
        raise TypeError(f"threshold must be an int, not {type(threshold).__name__}")
    if not 0 <= threshold <= MAX_THRESHOLD:
        raise ValueError(
            f"threshold must be from 0 to {MAX_THRESHOLD}, not {threshold}"
        )


def parse_stress(text: str, name: str) -> Stress:
    """``MODE[,MODE][:SEED]``; nothing is no stress.  Raises ValueError."""
    if not text:
        return Stress()
    words, colon, seed = text.partition(":")
    modes = tuple(dict.fromkeys(words.split(",")))
    for mode in modes:
        if mode not in STRESS_MODES:
            known = ", ".join(STRESS_MODES)
            raise ValueError(f"{name} has no mode {mode!r} (modes: {known})")
    return Stress(modes, parse_whole(seed, f"{name} seed", MAX_SEED) if colon else 0)


def parse_policy(text: str, name: str) -> str:
    """``FILE:CLASS`` or nothing.  Raises ValueError naming the switch."""
    file, _, class_name = text.rpartition(":")
    if text and not (file and class_name.isidentifier()):
        raise ValueError(f"{name} must be FILE:CLASS, not {text!r}")
    return text


def parse_tlbc(text: str, name: str) -> str:
    """The name of a mode of thread copies.  Raises ValueError naming the switch."""
    mode = THREAD_COPIES_SPELLINGS.get(text, text)
    if mode not in THREAD_COPIES:
        raise ValueError(f"{name} must be {', '.join(THREAD_COPIES)}, not {text!r}")
    return mode


def _text(environ: Mapping[str, str], name: str) -> str:
    """What the environment says for a declared switch; KeyError for any other."""
    return environ.get(name) or _BY_NAME[name].default


def read(
    environ: Mapping[str, str],
    threshold: str | None = None,
    stress: str | None = None,
    policy: str | None = None,
    counting: bool = False,
    tlbc: str | None = None,
) -> Settings:
    """The settings of an environment, with the command line's words over it.

    Raises ValueError, one sentence naming the option or variable, for a bad value.
    """
    disabled = parse_flag(_text(environ, "ADAPTIVE_DISABLE"), "ADAPTIVE_DISABLE")
    if threshold is None:
        words = _text(environ, "ADAPTIVE_THRESHOLD")
        calls = parse_whole(words, "ADAPTIVE_THRESHOLD", MAX_THRESHOLD)
    else:
        calls = parse_whole(threshold, "--threshold", MAX_THRESHOLD)
    if stress is None:
        modes = parse_stress(_text(environ, "ADAPTIVE_STRESS"), "ADAPTIVE_STRESS")
    else:
        modes = parse_stress(stress, "--stress")
    if policy is None:
        named = parse_policy(_text(environ, "ADAPTIVE_POLICY"), "ADAPTIVE_POLICY")
    else:
        named = parse_policy(policy, "--policy")
    if counting and modes:
        raise ValueError("nothing can be counted under a stress mode")
    if tlbc is None:
        copies = parse_tlbc(_text(environ, "ADAPTIVE_TLBC"), "ADAPTIVE_TLBC")
    else:
        copies = parse_tlbc(tlbc, "--tlbc")
    return Settings(
        disabled,
        calls,
        modes,
        named,
        counting,
        only=_text(environ, "ADAPTIVE_ONLY"),
        forms=_text(environ, "ADAPTIVE_FORMS"),
        lowered=_text(environ, "ADAPTIVE_LOWERED"),
        tlbc=copies,
    )


_settings: Settings | None = None


def settings() -> Settings:
    """The settings in force; the environment is read once, at the first call."""
    global _settings
    if _settings is None:
        _settings = read(os.environ)
    return _settings


def configure(
    threshold: str | None,
    stress: str | None,
    policy: str | None = None,
    counting: bool = False,
    tlbc: str | None = None,
) -> Settings:
    """Put the command line's words over the environment, for the whole process."""
    global _settings
    _settings = read(os.environ, threshold, stress, policy, counting, tlbc)
    return _settings
