"""Backoff counters over all 65 536 raw values, against arithmetic spelt out here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import _cache, config
from adaptive._cache import (
    advance_counter,
    forge_counter,
    is_unreachable,
    make_counter,
    miss_counter,
    pause_counter,
    restart_counter,
    split_counter,
    triggers,
)

RAWS = range(1 << 16)
RAW = st.integers(0, 0xFFFF)
#: What takes a raw counter.
TAKES_RAW: tuple[Callable[[int], object], ...] = (
    forge_counter,
    split_counter,
    advance_counter,
    triggers,
    is_unreachable,
    restart_counter,
    miss_counter,
    pause_counter,
)


def executions_until_attempt(counter: int) -> int:
    """How many executions pass, the attempting one included."""
    executions = 1
    while not triggers(counter):
        counter = advance_counter(counter)
        executions += 1
    return executions


def failures(counter: int) -> Iterator[int]:
    """The values of a counter that fails again and again."""
    while True:
        counter = restart_counter(counter)
        yield split_counter(counter)[0]


def test_value_above_backoff() -> None:
    """S2-01: 12 bits of value above 4 bits of backoff."""
    for raw in RAWS:
        assert split_counter(raw) == (raw >> 4, raw & 15)


def test_made_and_split() -> None:
    """S2-01, S2-02: every pair within the bounds makes a counter of its own."""
    made = {
        make_counter(value, backoff)
        for value in range(1 << 12)
        for backoff in range(16)
    }
    assert made == set(RAWS)
    for raw in RAWS:
        assert make_counter(*split_counter(raw)) == raw


@given(st.integers(), st.integers())
def test_make_of_anything(value: int, backoff: int) -> None:
    """S2-02: made exactly when both parts fit."""
    if 0 <= value <= 0xFFF and 0 <= backoff <= 15:
        assert split_counter(make_counter(value, backoff)) == (value, backoff)
    else:
        with pytest.raises(ValueError, match=r"^counter: the (value|backoff) must be"):
            make_counter(value, backoff)


@pytest.mark.parametrize(
    ("value", "backoff", "said"),
    [
        (0x1000, 0, r"the value must be 0\.\.4095"),
        (-1, 0, r"the value must be 0\.\.4095"),
        (1 << 70, 0, r"the value must be 0\.\.4095"),
        (0, 16, r"the backoff must be 0\.\.15"),
        (0, -1, r"the backoff must be 0\.\.15"),
        (10**5000, 99, r"the value must be 0\.\.4095"),
    ],
    ids=lambda part: f"{part.bit_length()}bits" if isinstance(part, int) else "",
)
def test_make_refuses(value: int, backoff: int, said: str) -> None:
    """S2-02: a part that does not fit is refused by name."""
    with pytest.raises(ValueError, match=said):
        make_counter(value, backoff)


def test_forge() -> None:
    """S2-03: 16 bits as they are."""
    assert all(forge_counter(raw) == raw for raw in RAWS)


@pytest.mark.parametrize("function", TAKES_RAW, ids=lambda function: function.__name__)
@pytest.mark.parametrize(
    "raw",
    [-1, 1 << 16, 1 << 70, -(1 << 70), 10**5000],
    ids=["minus", "17bits", "71bits", "minus71bits", "unprintable"],
)
def test_more_than_16_bits(function: Callable[[int], object], raw: int) -> None:
    """S2-03: what is no counter is refused everywhere."""
    with pytest.raises(OverflowError, match="counter: the raw value does not fit 16"):
        function(raw)


@pytest.mark.parametrize("function", TAKES_RAW, ids=lambda function: function.__name__)
@pytest.mark.parametrize("raw", [None, "1", 1.0, b"\1", (1,)])
def test_no_number(function: Callable[[object], object], raw: object) -> None:
    """S2-03: and so is what is no whole number."""
    with pytest.raises(TypeError):
        function(raw)


def test_advance() -> None:
    """S2-04: the value goes down by one and wraps; the backoff stays."""
    for raw in RAWS:
        value, backoff = split_counter(raw)
        advanced = advance_counter(raw)
        assert advanced == (raw - 16) % (1 << 16)
        assert split_counter(advanced) == ((value - 1) % (1 << 12), backoff)


def test_triggers() -> None:
    """S2-05: at value 0, unless the backoff is 15."""
    for raw in RAWS:
        value, backoff = split_counter(raw)
        assert triggers(raw) == (value == 0 and backoff != 15) == (raw < 15)


def test_unreachable() -> None:
    """S2-06: (0, 15) never triggers, even after 65 536 advances."""
    counter = _cache.UNREACHABLE
    assert split_counter(counter) == (0, 15)
    for _ in range((1 << 16) + 1):
        assert not triggers(counter)
        assert is_unreachable(counter)
        counter = advance_counter(counter)


def test_unreachable_by_its_backoff() -> None:
    """S2-06: backoff 15 is unreachable at every value, and nothing else is."""
    for raw in RAWS:
        assert is_unreachable(raw) == (raw & 15 == 15)


def test_restart_doubles() -> None:
    """S2-07: 1, 3, 7, ... up to 4095, and no further."""
    waits = failures(make_counter(0, 0))
    expected = [2**backoff - 1 for backoff in range(1, 13)] + [4095] * 4
    assert [next(waits) for _ in expected] == expected


def test_restart() -> None:
    """S2-07: from any raw value but an unreachable one; the old value is forgotten."""
    for raw in RAWS:
        backoff = raw & 15
        if backoff != 15:
            longer = min(backoff + 1, config.COUNTER_MAX_BACKOFF)
            assert split_counter(restart_counter(raw)) == (2**longer - 1, longer)


@pytest.mark.parametrize("function", [restart_counter, miss_counter])
def test_restart_of_unreachable(function: Callable[[int], int]) -> None:
    """S2-08: a programming error: it would make the counter reachable."""
    for value in range(1 << 12):
        with pytest.raises(ValueError, match="is unreachable and cannot be restarted"):
            function(make_counter(value, 15))


def test_pause() -> None:
    """S2-09: one tick later at most, by one bit; the backoff stays."""
    for raw in RAWS:
        value, backoff = split_counter(raw)
        paused = pause_counter(raw)
        assert paused == raw | 16
        assert split_counter(paused) == (value + (value % 2 == 0), backoff)


@given(RAW)
def test_pause_never_triggers(raw: int) -> None:
    """S2-09: a paused counter lets at least one execution pass."""
    assert not triggers(pause_counter(raw))
    assert pause_counter(pause_counter(raw)) == pause_counter(raw)


def test_warmup() -> None:
    """S2-10: generic at the first execution, an attempt at the second."""
    assert split_counter(_cache.WARMUP) == (1, 1)
    assert executions_until_attempt(_cache.WARMUP) == 2


def test_cooldown() -> None:
    """S2-11: another attempt at the 53rd miss, which is prime."""
    assert split_counter(_cache.COOLDOWN) == (52, 0)
    misses = executions_until_attempt(_cache.COOLDOWN)
    assert misses == 53
    assert all(misses % factor for factor in range(2, misses))


def test_jump_and_side_exit() -> None:
    """S2-12, S2-13: both start at 4095 with backoff 12."""
    assert split_counter(_cache.JUMP) == (4095, 12)
    assert split_counter(_cache.SIDE_EXIT) == (4095, 12)


def test_side_exit_exceeds_cooldown() -> None:
    """S2-13: a site can respecialize before its side exit is traced."""
    cooldown = executions_until_attempt(_cache.COOLDOWN)
    assert executions_until_attempt(_cache.SIDE_EXIT) > cooldown
    assert executions_until_attempt(_cache.JUMP) > cooldown


def test_miss_is_restart() -> None:
    """S2-14: the same schedule under its own name."""
    for raw in RAWS:
        if raw & 15 != 15:
            assert miss_counter(raw) == restart_counter(raw)


@given(st.integers(0, 0xFFF), st.integers(0, 14))
def test_attempts_follow_the_value(value: int, backoff: int) -> None:
    """S2-04, S2-05: `value` executions pass, and the next one attempts."""
    assert executions_until_attempt(make_counter(value, backoff)) == value + 1


@pytest.mark.parametrize("name", config.COUNTER_STARTS)
def test_declared_once(name: str) -> None:
    """S2-10, S2-11, S2-12, S2-13: compiled as config declares."""
    declared = config.COUNTER_STARTS[name]
    assert split_counter(getattr(_cache, name)) == declared
    assert not is_unreachable(getattr(_cache, name))


def test_format_declared_once() -> None:
    """S2-01, S2-06, S2-07: and so are the format's own numbers."""
    assert 16 - config.COUNTER_BACKOFF_BITS == 12
    assert make_counter(1, 0) == 1 << config.COUNTER_BACKOFF_BITS
    assert split_counter(_cache.UNREACHABLE)[1] == config.COUNTER_UNREACHABLE
    assert config.COUNTER_MAX_BACKOFF < config.COUNTER_UNREACHABLE
    assert 2**config.COUNTER_MAX_BACKOFF - 1 <= 0xFFF
