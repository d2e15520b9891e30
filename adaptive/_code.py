"""`AdaptiveCode`: what `adaptive.code` shows of one code object."""

from __future__ import annotations

from adaptive import reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType

    from adaptive._cache import CodeUnits


class AdaptiveCode:
    """The code units of a code object, with its maps and tables.

    Shape: `units: uint16[n]`; `host_offsets[u]` is the host unit that executes while
    unit `u` does; `unit_offsets[h]` is the first unit of the host instruction at host
    unit `h`; `exception_table` holds `(start, end, target, depth, lasti)` in units.
    They are those that threads share, or else the main thread's; `units` picks others.
    Raises ValueError when the code is declined.
    """

    def __init__(
        self, core: ModuleType, host: CodeType, units: CodeUnits | None = None
    ) -> None:
        if units is None:
            units = core.units_of(host)
        if units is None:
            reason = core.declined_reason(host)
            raise ValueError(
                f"{host.co_qualname} is not lowered: {reason}"
                f" ({reasons.sentence(reason)})"
            )
        self.host: CodeType = host
        self.units: CodeUnits = units
        self.exception_table: tuple[tuple[int, int, int, int, bool], ...] = (
            core.handlers_of(host)
        )

    @property
    def co_code(self) -> bytes:
        """The code as it was lowered: base opcodes, zero caches."""
        return self.units.original_bytes()

    @property
    def _co_code_adaptive(self) -> bytes:
        """The code as it stands now."""
        return bytes(self.units)

    @property
    def co_consts(self) -> tuple[object, ...]:
        """The host's constants."""
        return self.host.co_consts

    @property
    def co_names(self) -> tuple[str, ...]:
        """The host's names."""
        return self.host.co_names

    @property
    def host_offsets(self) -> tuple[int, ...]:
        """Unit to host unit."""
        return tuple(map(self.units.host_offset, range(len(self.units))))

    @property
    def unit_offsets(self) -> dict[int, int]:
        """Host unit to the first unit of its instruction."""
        first: dict[int, int] = {}
        for unit, host in enumerate(self.host_offsets):
            first.setdefault(host, unit)
        return first

    def __repr__(self) -> str:
        return f"<adaptive code of {self.host.co_qualname}, {len(self.units)} units>"
