"""What one hint is: a change of a program that lets a site specialize."""

from __future__ import annotations

from dataclasses import dataclass

#: Marks the lines that a hint's programs are about.
MARK = "# <--"


@dataclass(frozen=True, slots=True)
class Hint:
    """Advice for sites that were refused for one reason.

    `families` are the instructions it is for, all of them if there are none; `having`
    are names of types of which one must be among the operands, if there are any, or
    all must be where it is for these `alone`; `alike` asks that the operands' types
    were always the same, as far as names tell, or that they were not.

    `before` and `after` are whole programs with a function `hot`, which returns the
    same in both.  On the marked line of the first, a site of the first family is
    refused for the reason; on the marked lines of the second, every site has a form.
    """

    reason: str
    title: str
    text: str
    before: str
    after: str
    families: tuple[str, ...] = ()
    having: frozenset[str] = frozenset()
    alone: bool = False
    alike: bool | None = None

    def suits(self, family: str, types: list[tuple[str, ...]]) -> bool:
        """Whether it is for this family and the types seen, most seen first."""
        if self.families and family not in self.families:
            return False
        if self.alike is not None and self.alike is not (len(types) == 1):
            return False
        seen = {name.rpartition(".")[2] for name in types[0]} if types else set()
        if self.alone:
            return bool(seen) and seen <= self.having
        return not self.having or bool(seen & self.having)
