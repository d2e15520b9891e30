"""The packages whose suites are run: versions, requirements and choices, as data."""

from dataclasses import dataclass, field

#: The runner of every suite, pinned like the packages.
RUNNER = ("pytest==9.0.1",)


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package: where its tests are in the source archive and what they need.

    ``flaky`` maps the name of a test, without its parameters, to the reason for which
    two runs of the plain host may disagree about it.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("tests",)
    options: tuple[str, ...] = ()
    left_out: str = ""  # what of the suite is not run, and why
    flaky: dict[str, str] = field(default_factory=dict)

    @property
    def pinned(self) -> str:
        """As pip takes it."""
        return f"{self.name}=={self.version}"


_ALL = (
    Package(name="attrs", version="26.1.0", requires=("hypothesis", "cloudpickle")),
    Package(name="click", version="8.5.1"),
    Package(
        name="greenlet",
        version="3.5.6",
        requires=("objgraph", "psutil"),
        tests=("greenlet.tests",),
        options=("--pyargs",),
    ),
    Package(name="jinja2", version="3.1.6", requires=("trio",)),
    Package(name="markupsafe", version="3.0.4"),
    Package(name="more-itertools", version="11.2.1"),
    Package(
        name="networkx",
        version="3.6.1",
        requires=("numpy", "scipy"),
        tests=("networkx/classes", "networkx/generators", "networkx/utils"),
        left_out="algorithms, drawing and readwrite: many minutes of the same kind",
    ),
    Package(
        name="packaging",
        version="26.3",
        requires=("pretend", "tomli_w", "hypothesis"),
    ),
    Package(
        name="pyparsing", version="3.3.3", requires=("railroad-diagrams", "jinja2")
    ),
    Package(
        name="sqlglot",
        version="30.30.0",
        requires=("pytz",),
        options=("--ignore=tests/test_executor.py", "--ignore=tests/test_optimizer.py"),
        left_out="the executor's and optimizer's tests: minutes in a database's C code",
    ),
    Package(
        name="werkzeug",
        version="3.1.9",
        requires=(
            "cryptography",
            "ephemeral-port-reserve",
            "pytest-timeout",
            "watchdog",
        ),
        options=("-k", "not reloader"),
        left_out="the reloader's tests: they wait for a server that a sandbox stops",
    ),
)

PACKAGES: dict[str, Package] = {package.name: package for package in _ALL}
