"""Random programs from a seed: fills the templates of ``grammar.py``.

The same seed gives the same text on every machine and run: only ``random.random()`` is
used, and nothing iterates over a set.  Call :func:`program`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.differential.templates import (
    LITERAL_TABLE,
    WORD_TABLE,
    Hole,
    Line,
    Production,
    allowed,
)

WRONG_KIND = 0.02  # of holes get another kind: errors, without ending every run
DEEPEST_EXPRESSION = 3
DEEPEST_BLOCK = 3

QUIET = frozenset({"async", "walrus"})  # what a lambda or a comprehension takes away
POOL = {  # the variables, by kind; every scope uses the same names, so they shadow
    "i": ("i0", "i1", "i2", "i3", "i4"),
    "f": ("f0", "f1"),
    "s": ("s0", "s1"),
    "l": ("l0", "l1"),
    "t": ("t0",),
    "d": ("d0",),
    "e": ("e0",),
    "o": ("o0", "o1"),
}
TARGETS = dict(zip("IJKFSLTDQO", "iiifsltdeo", strict=True))
KINDS = {name: kind for kind, names in POOL.items() for name in names}
EXCEPTIONS = (
    "ValueError KeyError IndexError TypeError Exception ZeroDivisionError LookupError"
    " ArithmeticError AttributeError NameError RuntimeError StopIteration OSError"
    " UnboundLocalError AssertionError"
).split()
CLASSES = ("Base", "Derived", "Number", "Base", "Slots")
STRETCHES = ("0", "0", "1", "1", "2", "3", "4", "01", "012", "10", "0213")
ATTRIBUTES = ("i", "m", "p", "zz", "l", "fallback")


@dataclass
class Function:
    """What call sites must know of a generated function."""

    name: str
    flavour: str  # "def", "gen", "coro", "agen"
    returns: str  # the kind of its result, or of what it yields
    positional: list[str] = field(default_factory=list)  # kinds
    defaults: int = 0  # how many positional ones, from the right, have a default
    positional_only: int = 0
    star: bool = False
    keyword_only: list[tuple[str, str]] = field(default_factory=list)  # name, kind
    names: list[str] = field(default_factory=list)
    double_star: bool = False


@dataclass
class Scope:
    """The names of one function, class body or module, and what may stand in it."""

    flags: frozenset[str]
    stores: list[str]  # variables this scope may bind
    loads: list[str]  # variables that are probably bound
    returns: str = "i"
    around: list[str] = field(default_factory=list)  # what ``nonlocal`` may name here
    global_names: list[str] = field(default_factory=list)
    is_function: bool = False

    def of_kind(self, kind: str, stored: bool = False) -> list[str]:
        """The variables of a kind that may be read, or stored to."""
        names = self.stores if stored else self.loads
        return [name for name in names if KINDS[name] == kind]

    def cells(self) -> list[str]:
        """What ``nonlocal`` may name in a function inside of this scope."""
        names = [*self.around, *(self.stores if self.is_function else ())]
        return [name for name in names if name not in self.global_names]


class Generator:
    """Fills templates; one instance makes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random
        self.lines: list[str] = []
        self.used: set[str] = set()
        self.functions: list[Function] = []
        self.scope = Scope(frozenset(), [], [])
        self.depth = 0
        self.budget = 0
        self.count = 0
        self.classes = list(CLASSES)
        self.fillers: dict[str, Callable[[], str]] = {
            "n": lambda: str(int(self.random() * 5)),
            "E": lambda: self.pick(EXCEPTIONS),
            "C": lambda: self.pick(self.classes),
            "A": lambda: self.pick(ATTRIBUTES),
            "gen": lambda: self.making("gen", "numbers"),
            "coro": lambda: self.making("coro", "waiting"),
            "agen": lambda: self.making("agen", "stream"),
            "call": lambda: self.call(),
            "ret": lambda: self.expression(self.scope.returns),
            "plan": lambda: self.plan(),
            "many": lambda: ", ".join(map(str, range(1000, 1000 + 20 * 14, 20))),
        }

    # Choosing

    def pick(self, options: Sequence[str]) -> str:
        """One of *options*, evenly."""
        return options[int(self.random() * len(options))]

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.random() < chance

    def below(self, limit: int) -> int:
        """A number from 0 up to, not including, *limit*."""
        return int(self.random() * limit)

    def among(
        self, table: str, flags: frozenset[str], nesting: bool = True
    ) -> Production:
        """A production of the table that *flags* allow, by weight."""
        options = allowed(table, flags, nesting)
        found = options[int(self.random() * len(options))]
        self.used.add(found.name)
        return found

    # Expressions

    def expression(self, kind: str) -> str:
        """An expression that is probably of this kind."""
        if self.random() < WRONG_KIND and kind != "c":
            kind = "x"
        if self.depth >= DEEPEST_EXPRESSION or self.random() < 0.35:
            return self.leaf(kind)
        self.depth += 1
        production = self.among(kind, self.scope.flags)
        text = self.fill(production.lines[0], {})
        self.depth -= 1
        return f"({text})"

    def leaf(self, kind: str) -> str:
        """A name or a literal."""
        if self.random() < 0.7:
            names: Sequence[str] = self.scope.of_kind(kind)
            if self.random() < 0.02:
                names = POOL.get(kind, ())  # one that may well be unbound
            if names:
                return self.pick(names)
        return self.literal(kind)

    def literal(self, kind: str) -> str:
        """A literal that may stand anywhere in an expression."""
        text = self.pick(LITERAL_TABLE[kind])
        return f"({text})" if text[0] in "-0123456789" else text

    def number(self, kind: str) -> str:
        """A leaf that may stand inside a string literal."""
        names = self.scope.of_kind(kind)
        return self.pick(names) if names else self.pick(("0", "1", "2", "17"))

    def target(self, kind: str, taken: dict[str, str]) -> str:
        """A name of this kind that the scope may bind, other than the ones *taken*."""
        options = self.scope.of_kind(kind, stored=True)
        if not options:
            options = [self.pick(POOL[kind])]
        free = [name for name in options if name not in taken.values()]
        name = self.pick(free or options)
        if name not in self.scope.loads:
            self.scope.loads.append(name)
        return name

    def fill(self, line: Line, memory: dict[str, str]) -> str:
        """The text of a line; *memory* holds the targets and the repeated holes."""
        flags = self.scope.flags
        if line.quiet:
            self.scope.flags = flags - QUIET
        words = [
            part if isinstance(part, str) else self.hole(part, memory)
            for part in line.parts
        ]
        self.scope.flags = flags
        return "".join(words)

    def hole(self, hole: Hole, memory: dict[str, str]) -> str:
        """What goes into one hole."""
        key = hole.want + hole.digit
        if hole.digit and key in memory:
            return memory[key]
        want = hole.want
        if want in TARGETS:
            text = self.target(TARGETS[want], memory)
            memory[key if hole.digit else f"{want}-{len(memory)}"] = text
            return text
        if want in self.fillers:
            text = self.fillers[want]()
        elif want in WORD_TABLE:
            text = self.pick(WORD_TABLE[want])
        elif want.startswith("leaf_"):
            text = self.number(want[-1])
        else:
            text = self.expression(want)
        if hole.digit:
            memory[key] = text
        return text

    def plan(self) -> str:
        """The order in which ``hot`` takes its cases: stretches of one or of several.

        Some are longer than the cool-down, after whose misses a site is tried anew.
        """
        stretches = [
            f'"{self.pick(STRETCHES)}" * {self.pick(("1", "2", "3", "5"))}'
            for _ in range(2 + self.below(3))
        ]
        if self.maybe(0.4):
            digit = self.pick(("0", "1", "2", "01"))
            stretches.insert(1, f'"{digit}" * {56 + self.below(4)}')
        return " + ".join(stretches)

    # Calls

    def call(self, flavour: str = "def") -> str:
        """A call of a generated function, mostly with arguments that fit."""
        options = [f for f in self.functions if f.flavour == flavour]
        if not options:
            return f"twice({self.expression('i')})"
        function = options[self.below(len(options))]
        return f"{function.name}({', '.join(self.arguments(function))})"

    def making(self, flavour: str, fallback: str) -> str:
        """A call that makes a generator, a coroutine or an async generator."""
        if self.maybe(0.2) or all(f.flavour != flavour for f in self.functions):
            return f"{fallback}({self.expression('i')})"
        return self.call(flavour)

    def arguments(self, function: Function) -> list[str]:
        """Arguments in one of the shapes the signature takes; sometimes wrong ones."""
        kinds = function.positional
        given = len(kinds) - (self.below(function.defaults + 1))
        first_by_name = given
        if self.maybe(0.3):
            first_by_name = max(function.positional_only, self.below(given + 1))
        by_position = [self.expression(kind) for kind in kinds[:first_by_name]]
        by_name = [
            f"{name}={self.expression(kind)}"
            for name, kind in zip(function.names, kinds, strict=False)
        ][first_by_name:given]
        if len(by_position) > 1 and self.maybe(0.2):
            cut = self.below(len(by_position))
            by_position[cut:] = [f"*({', '.join(by_position[cut:])},)"]
        if function.star and first_by_name == len(kinds) and self.maybe(0.5):
            by_position.append(f"*{self.expression('l')}")
        for name, kind in function.keyword_only:
            if self.maybe(0.7):
                by_name.append(f"{name}={self.expression(kind)}")
        if by_name and self.maybe(0.2):
            last, _, value = by_name.pop().partition("=")
            by_name.append(f'**{{"{last}": {value}}}')
        if function.double_star and self.maybe(0.3):
            by_name.append(f"extra={self.expression('i')}")
        if self.maybe(0.03):
            by_position = by_position[1:]
        elif self.maybe(0.03):
            by_name.insert(0, f"unknown={self.expression('i')}")
        return by_position + by_name

    # Statements

    def block(
        self, indent: str, most: int, flags: frozenset[str] | None = None
    ) -> None:
        """One to *most* statements, with other *flags* if given."""
        before = self.scope.flags
        if flags is not None:
            self.scope.flags = flags
        for _ in range(1 + self.below(most)):
            self.statement(indent)
        self.scope.flags = before

    def statement(self, indent: str) -> None:
        """One statement; small ones when the budget or the depth is used up."""
        self.budget -= 1
        nesting = self.budget > 0 and len(indent) < 4 * (DEEPEST_BLOCK + 1)
        if nesting and self.random() < 0.05:
            return self.definition(indent)
        production = self.among("", self.scope.flags, nesting)
        memory: dict[str, str] = {}
        for line in production.lines:
            if not line.block:
                self.lines.append(indent + line.indent + self.fill(line, memory))
            else:
                self.block(indent + line.indent, 2, self.flags_in(line.block))
        return None

    def flags_in(self, block: str) -> frozenset[str]:
        """What is allowed in a block of the current scope."""
        flags = self.scope.flags
        if block == "loop":
            return flags | {"loop"}
        if block == "star":
            return flags - {"loop", "return", "stop"}
        return flags

    # Definitions

    def definition(self, indent: str) -> None:
        """A function in a function (a closure), used at once; or a class."""
        if self.maybe(0.25):
            self.class_(indent)
            return
        known = len(self.functions)
        function = self.function(indent, self.flavour())
        self.lines.append(f"{indent}{self.use(function)}")
        del self.functions[known:]  # the name may be unbound where others could call it

    def flavour(self) -> str:
        """A kind of function; plain ones most often."""
        return self.pick(("def", "def", "def", "gen", "gen", "coro", "agen"))

    def use(self, function: Function) -> str:
        """A statement that calls *function* to the end."""
        made = f"{function.name}({', '.join(self.arguments(function))})"
        form = {
            "def": "log({})",
            "gen": "log([*{}])",
            "coro": "log(drive({}))",
            "agen": "log(drive(collect({})))",
        }
        return form[function.flavour].format(made)

    def fresh(self, stem: str) -> str:
        """A name not used before."""
        self.count += 1
        return f"{stem}{self.count}"

    def function(
        self, indent: str, flavour: str, name: str = "", method: bool = False
    ) -> Function:
        """Write a function of this flavour; it is known to calls from then on."""
        function = Function(
            name or self.fresh("fn"), flavour, self.pick(("i", "i", "s", "l", "f", "t"))
        )
        header = self.signature(function, method)
        if self.maybe(0.15) and not method:
            self.lines.append(f"{indent}@decorated")
        word = "async def" if flavour in ("coro", "agen") else "def"
        self.lines.append(f"{indent}{word} {function.name}({header}):")
        outer, depth = self.scope, self.depth
        self.scope, self.depth = self.inner_scope(function, indent, method), 0
        self.budget = max(self.budget, 5)
        self.body(indent + "    ", function)
        self.scope, self.depth = outer, depth
        self.functions.append(function)
        return function

    def signature(self, function: Function, method: bool) -> str:
        """The parameter list; fills in what *function* says of it."""
        free = [name for name in KINDS if KINDS[name] in "isl"]
        words = ["self"] if method else []
        count = self.below(4)
        function.defaults = self.below(count + 1)
        for position in range(count):
            name = free.pop(self.below(len(free)))
            function.names.append(name)
            function.positional.append(KINDS[name])
            default = position >= count - function.defaults
            literal = self.pick(LITERAL_TABLE[KINDS[name]]) if default else ""
            words.append(f"{name}={literal}" if default else name)
            if position == 0 and not method and self.maybe(0.15):
                function.positional_only = 1
                words.append("/")
        if self.maybe(0.25):
            function.star = True
            words.append("*t0")
        if self.maybe(0.25) and free:
            name = free.pop(self.below(len(free)))
            default = self.maybe(0.6)
            words += [] if function.star else ["*"]
            words.append(f"{name}=0" if default else name)
            function.keyword_only.append((name, KINDS[name]))
        if self.maybe(0.2):
            function.double_star = True
            words.append("**d0")
        return ", ".join(words)

    def inner_scope(self, function: Function, indent: str, method: bool) -> Scope:
        """The scope of a function's body, before its prologue."""
        flags = {
            "def": {"return", "stop", "walrus"},
            "gen": {"return", "stop", "walrus", "gen", "delegate"},
            "coro": {"return", "stop", "walrus", "async"},
            "agen": {"stop", "walrus", "async", "gen"},
        }[function.flavour]
        bound = [*function.names, *(name for name, _ in function.keyword_only)]
        bound += ["t0"] * function.star + ["d0"] * function.double_star
        return Scope(
            frozenset(flags),
            list(bound),
            list(bound),
            function.returns,
            self.scope.cells(),
            is_function=True,
        )

    def body(self, indent: str, function: Function) -> None:
        """Prologue (fuel, outer names, first values), statements, the way out."""
        scope = self.scope
        parameters = set(scope.stores)
        outer = [name for name in KINDS if name not in parameters]
        if self.maybe(0.25):
            self.declare(indent, outer)
        self.lines.append(f"{indent}tick()")
        for name in outer:
            kind = KINDS[name]
            if name not in scope.stores and self.maybe(0.7):
                scope.stores.append(name)
                self.bind(indent, name)
            elif scope.of_kind(kind, stored=True) and name not in scope.loads:
                scope.loads.append(name)  # found in the scope around, if anywhere
        for name in POOL["i"][:3]:  # templates name up to three ints
            if name not in scope.stores:
                scope.stores.append(name)
                self.bind(indent, name)
        if function.flavour in ("gen", "agen"):
            self.lines.append(f"{indent}yield {self.expression('i')}")
        self.block(indent, 5)
        if function.flavour != "agen":
            self.lines.append(f"{indent}return {self.expression(scope.returns)}")

    def bind(self, indent: str, name: str) -> None:
        """Give a variable its first value; rarely it may stay unbound."""
        depth, kind = self.depth, KINDS[name]
        self.depth = DEEPEST_EXPRESSION - 1
        value = self.expression(kind) if self.maybe(0.3) else self.leaf(kind)
        self.depth = depth
        chance = self.random()
        if chance < 0.97:
            self.lines.append(f"{indent}{name} = {value}")
        else:
            self.lines.append(f"{indent}if {self.expression('b')}: {name} = {value}")
        self.scope.loads.append(name)

    def declare(self, indent: str, outer: list[str]) -> None:
        """``nonlocal`` where a function is around, else ``global``."""
        names = [name for name in outer if KINDS[name] in "isl" and self.maybe(0.3)]
        word = "global"
        if self.scope.around and self.maybe(0.8):
            word = "nonlocal"
            names = [name for name in names if name in self.scope.around]
        else:
            self.scope.global_names = names
        if names:
            self.lines.append(f"{indent}{word} {', '.join(names)}")
            self.scope.stores += names
            self.scope.loads += names

    def class_(self, indent: str) -> None:
        """Write a class with a few members; later code may make instances of it."""
        name, base = self.fresh("C"), self.pick(self.classes)
        self.lines.append(f"{indent}class {name}({base}):")
        outer, inner = self.scope, indent + "    "
        self.scope = Scope(frozenset(), [], [], around=outer.cells())
        for variable in POOL["i"][:3]:
            self.scope.stores.append(variable)
            self.scope.loads.append(variable)
            self.lines.append(f"{inner}{variable} = {self.pick(LITERAL_TABLE['i'])}")
        if self.maybe(0.3):
            self.block(inner, 1)
        if base != "Slots" and self.maybe(0.4):
            self.lines += [
                f"{inner}def __init__(self, *args, **kwargs):",
                f"{inner}    super().__init__(*args, **kwargs)",
                f"{inner}    self.i = {self.leaf('i')}",
            ]
        known = len(self.functions)
        for member in ("m", "p", "s", "c", "__getitem__", "__del__"):
            if self.maybe(0.3):
                self.member(inner, member)
        del self.functions[known:]
        self.scope = outer
        if not outer.is_function:
            self.classes.append(name)
        self.lines.append(
            f"{indent}log(attempt(lambda: "
            f"{name}({self.leaf('i')}).m({self.leaf('i')})))"
        )

    def member(self, indent: str, name: str) -> None:
        """One method; the decorator belongs to the name."""
        decorators = {"p": "@property", "s": "@staticmethod", "c": "@classmethod"}
        if name in decorators:
            self.lines.append(indent + decorators[name])
        if name in ("m", "s", "c"):
            self.function(indent, "def", name, method=name != "s")
        elif name == "p":
            self.lines.append(f"{indent}def p(self): return {self.leaf('i')}")
        elif name == "__getitem__":
            self.lines.append(f"{indent}def __getitem__(self, key): return self.l[key]")
        else:
            self.lines += [
                f"{indent}def __del__(self, deaths=DEATHS, log=LOG):",
                f"{indent}    deaths.append(len(log))",
            ]

    # Programs

    def module(self) -> str:
        """The text of a whole program: its definitions, then ``main``."""
        self.scope = Scope(frozenset({"walrus"}), [], [])
        for name, kind in KINDS.items():
            if self.maybe(0.6) or name in POOL["i"][:3]:
                self.scope.stores.append(name)
                self.lines.append(f"{name} = {self.pick(LITERAL_TABLE[kind])}")
                self.scope.loads.append(name)
        for _ in range(1 + self.below(3)):
            if self.maybe(0.3):
                self.class_("")
            self.budget = 6
            self.function("", self.flavour())
            if self.maybe(0.4):
                self.budget = 2
                self.guarded("", 1)
        self.main()
        return "\n".join(self.lines) + "\n"

    def main(self) -> None:
        """``main(i0, s0, l0)``: stretches of statements, most of them guarded."""
        main = Function("main", "def", "i", names=["i0", "s0", "l0"])
        self.lines.append("def main(i0, s0, l0):")
        self.scope = self.inner_scope(main, "", method=False)
        for name in ("i1", "i2", "f0", "s1", "t0", "d0", "o0", "l1"):
            if self.maybe(0.8) or name in ("i1", "i2"):
                self.scope.stores.append(name)
                self.bind("    ", name)
        for _ in range(2 + self.below(4)):
            self.budget = 6
            if self.maybe(0.1):
                self.block("    ", 2)
            else:
                self.guarded("    ", 3)
        self.lines.append(f"    return {self.expression('x')}")

    def guarded(self, indent: str, most: int) -> None:
        """Statements whose exceptions do not end the program."""
        self.lines.append(f"{indent}try:")
        self.block(indent + "    ", most)
        self.lines += [f"{indent}except Exception as e:", f"{indent}    note(e)"]


def program(seed: int) -> str:
    """The program of a seed."""
    return Generator(seed).module()
