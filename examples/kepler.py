"""Planets on a leapfrog integrator, checked against Kepler's laws.

Each planet is moved step by step under the Sun's gravity alone. From the motion the
program finds out two things that it was never told: the time of one revolution, which
by Kepler's third law is the square root of the cube of the orbit's size, and the area
that the line from the Sun to the planet sweeps in a year, which by the second law is
the same everywhere on the orbit. Lengths are astronomical units, times are years.

Prints one line per planet and a verdict; the exit status is 1 when a law was broken.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator

SUN = 4 * math.pi**2
"""The Sun's mass times the constant of gravity, in these units."""
STEPS_PER_YEAR = 200_000
TOLERANCE = 1e-7
"""Relative; the integrator's own error at this step is ten times smaller."""

ORBITS = {
    "Mercury": (0.387098, 0.205630),
    "Venus": (0.723332, 0.006772),
    "Earth": (1.000000, 0.016709),
    "Mars": (1.523679, 0.093401),
    "comet": (2.200000, 0.400000),
}
"""Half the long axis of each orbit, and its eccentricity."""

Field = Callable[[float, float], tuple[float, float]]


class Planet:
    """A point that moves in a plane, the Sun at its origin."""

    def __init__(self, name: str, axis: float, eccentricity: float) -> None:
        """Start where the orbit is nearest to the Sun, on the x axis, moving up."""
        self.name = name
        self.x = axis * (1 - eccentricity)
        self.y = 0.0
        self.vx = 0.0
        self.vy = math.sqrt(SUN / axis * (1 + eccentricity) / (1 - eccentricity))

    @property
    def swept(self) -> float:
        """The area swept in a year at the present rate."""
        return (self.x * self.vy - self.y * self.vx) / 2

    def kick(self, field: Field, time: float) -> None:
        """Let gravity change the velocity."""
        ax, ay = field(self.x, self.y)
        self.vx += ax * time
        self.vy += ay * time

    def drift(self, time: float) -> None:
        """Let the velocity change the place."""
        self.x += self.vx * time
        self.y += self.vy * time


def gravity(strength: float) -> Field:
    """The pull of a mass at the origin, as a function of the place."""

    def pull(x: float, y: float) -> tuple[float, float]:
        square = x * x + y * y
        factor = -strength / (square * math.sqrt(square))
        return x * factor, y * factor

    return pull


def motion(planet: Planet, field: Field, step: float) -> Iterator[float]:
    """Move the planet by one step after the other; yields the time after each."""
    count = 0
    while True:
        planet.kick(field, step / 2)
        planet.drift(step)
        planet.kick(field, step / 2)
        count += 1
        yield count * step


def revolution(planet: Planet, field: Field, step: float) -> tuple[float, float]:
    """The time of one full turn, and how unevenly area was swept in it.

    The turn is over when the planet crosses the x axis upwards again. Unevenness is the
    greatest relative change of the rate, 0 if Kepler's second law holds.
    """
    at_start = planet.swept
    worst = 0.0
    below = False
    for time in motion(planet, field, step):
        worst = max(worst, abs(planet.swept / at_start - 1))
        if planet.y < 0:
            below = True
        elif below:
            # Back by the part of the last step that lies above the axis.
            return time - planet.y / planet.vy, worst
    raise AssertionError("a motion has no end")


def main() -> int:
    """Send every planet round once; 0 when all of them obeyed both laws."""
    field = gravity(SUN)
    obeyed = True
    for name, (axis, eccentricity) in ORBITS.items():
        expected = math.sqrt(axis**3)
        planet = Planet(name, axis, eccentricity)
        period, uneven = revolution(planet, field, 1 / STEPS_PER_YEAR)
        error = period / expected - 1
        right = abs(error) < TOLERANCE and uneven < TOLERANCE
        obeyed = obeyed and right
        print(
            f"{name:8} period {period:.6f} years, by Kepler {expected:.6f}: "
            f"{'right' if right else f'WRONG by {error:.1e} and {uneven:.1e}'}"
        )
    print("Kepler's laws hold" if obeyed else "Kepler's laws are broken")
    return 0 if obeyed else 1


if __name__ == "__main__":
    sys.exit(main())
