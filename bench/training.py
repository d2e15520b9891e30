"""``python -m bench.training``: what the loop is compiled for.

The ordinary build compiles the loop twice.  Between the two it runs this on the first
one, which counts which way every branch goes; the second is laid out for these counts
(`bench.trained_build`).  So this has to be like the programs that people run: the
micro programs for every instruction family, and much of the standard library that is
written in Python, for code of many hands.

What is measured must not stand here, or the build would be tuned to its own
examination: none of pyperformance's programs does, nor the modules that some of them
are about (`argparse`, `base64`, `copy`, `json`, `logging`, `pathlib`, `pickle`,
`pprint`, the compiler of `re`, and asyncio's trees of tasks).

It runs where nothing is installed but the build's own requirements.  It does the same
at every run, leaves no files, and takes seconds.
"""

from __future__ import annotations

import ast
import asyncio
import calendar
import collections
import colorsys
import configparser
import contextlib
import csv
import dataclasses
import datetime
import difflib
import dis
import email
import email.message
import email.policy
import enum
import fractions
import functools
import graphlib
import heapq
import html
import html.parser
import http.cookies
import inspect
import io
import ipaddress
import itertools
import math
import optparse
import plistlib
import posixpath
import pydoc
import random
import reprlib
import sched
import shlex
import statistics
import string
import sys
import textwrap
import tokenize
import traceback
import typing
import unittest
import urllib.parse
import weakref
import xml.dom.minidom
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, MutableSet

import adaptive
from bench.micro import MICRO, Micro

#: The least share of all frames that the engine must have run.
LEAST_SHARE = 0.95

#: Work for the loop, and how often it is done.
LIBRARY: dict[Callable[[], None], int] = {}


def library(times: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Enter the function below as work to be done so often.

    All should have about the same share of the time, some fiftieth of a second, and
    most of it must meet code that is warm.
    """

    def enter(work: Callable[[], None]) -> Callable[[], None]:
        LIBRARY[work] = times
        return work

    return enter


@functools.cache
def source() -> str:
    """A long Python text."""
    return inspect.getsource(textwrap) + inspect.getsource(shlex)


# Programs as data


class Renaming(ast.NodeTransformer):
    """Calls every name something else."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """The same name with a mark behind it."""
        return ast.Name(f"{node.id}_", node.ctx)


@library(4)
def syntax_trees() -> None:
    """Parsed, walked, changed and written again."""
    tree = ast.parse(source())
    assert sum(isinstance(node, ast.Name) for node in ast.walk(tree)) > 300
    assert "self_" in ast.unparse(Renaming().visit(tree))
    ast.dump(ast.parse("x = [f(y) for y in z if y]"), indent=1)


@library(6)
def tokens() -> None:
    """A text taken apart and put together again."""
    found = list(tokenize.generate_tokens(io.StringIO(source()).readline))
    assert tokenize.untokenize(found[:600])


@library(30)
def bytecode() -> None:
    """Functions as lists of instructions."""
    for function in (textwrap.dedent, heapq.merge, statistics.quantiles):
        names = [instruction.opname for instruction in dis.get_instructions(function)]
        assert "RESUME" in names


@library(200)
def signatures() -> None:
    """What functions say of themselves."""
    for function in (textwrap.fill, csv.DictReader, difflib.unified_diff, sched.Event):
        signature = inspect.signature(function)
        inspect.cleandoc(function.__doc__ or "")
        assert str(signature)
    bound = inspect.signature(textwrap.indent).bind("text", prefix="> ")
    bound.apply_defaults()
    assert typing.get_type_hints(Renaming.visit_Name)["return"] is ast.Name


@library(60)
def manual() -> None:
    """A module's documentation as text."""
    assert "NAME" in pydoc.plain(pydoc.render_doc(colorsys))


@library(15)
def failures() -> None:
    """Exceptions raised far below, chained, caught and told."""

    def fall(depth: int) -> int:
        if depth == 0:
            raise ValueError("ground")
        try:
            return fall(depth - 1)
        finally:
            depth += 1

    for depth in range(12):
        try:
            try:
                fall(depth)
            except ValueError as error:
                raise KeyError(depth) from error
        except KeyError as error:
            told = traceback.TracebackException.from_exception(error)
            assert "ground" in "".join(told.format())


class Arithmetic(unittest.TestCase):
    """Some assertions, for `unittest` to run."""

    def test_numbers(self) -> None:
        """Of numbers."""
        for number in range(20):
            self.assertEqual(number + number, 2 * number)
            self.assertLess(number, number + 1)

    def test_sequences(self) -> None:
        """Of sequences."""
        self.assertListEqual(list(range(9)), [*range(9)])
        self.assertIn(3, (1, 2, 3))
        with self.assertRaises(ZeroDivisionError):
            1 / len([])


@library(200)
def suites() -> None:
    """Tests loaded and run."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Arithmetic)
    assert unittest.TextTestRunner(io.StringIO()).run(suite).wasSuccessful()


# Text


@library(40)
def differences() -> None:
    """What differs between two texts, by line and by character."""
    before = source().splitlines()[:250]
    after = [
        line.replace("self", "that") if number % 7 == 0 else line
        for number, line in enumerate(before)
    ]
    assert any(line.startswith("+") for line in difflib.unified_diff(before, after))
    assert list(difflib.ndiff(before[:30], after[:30]))
    assert difflib.SequenceMatcher(None, source()[:500], source()[90:590]).ratio() > 0.5
    assert difflib.get_close_matches("appel", ["ape", "apple", "peach", "puppy"])


@library(30)
def paragraphs() -> None:
    """Text filled, shortened, moved in and out."""
    filled = textwrap.fill(source()[:8000], width=60)
    assert textwrap.dedent(textwrap.indent(filled, "  ")) == filled
    textwrap.shorten(source()[:2000], width=100)


@library(30)
def templates() -> None:
    """Values put into texts."""
    template = string.Template("$name has ${count} $$ and $more")
    formatter = string.Formatter()
    for count in range(60):
        assert template.safe_substitute(name="Ann", count=count)
        assert formatter.format("{0!r:>9} {name[0]} {1:{2}}", "a", count, 5, name="b")
        assert string.capwords("the quick brown fox") == "The Quick Brown Fox"
        reprlib.repr([list(range(count)), {"key": "v" * count}])


@library(40)
def commands() -> None:
    """Command lines taken apart, and their options read."""
    parser = optparse.OptionParser(prog="training")
    parser.add_option("-n", "--number", type="int", default=1, help="how many of them")
    parser.add_option("-v", action="count", dest="level", help="tell more")
    parser.add_option("--kind", choices=("one", "two"), help="which kind it shall be")
    for number in range(25):
        line = f"-v --number={number} --kind one 'a b' \"c d\" e\\ f # rest"
        words = shlex.split(line, comments=True)
        options, rest = parser.parse_args(words)
        assert options.number == number and rest == ["a b", "c d", "e f"]
        assert shlex.join(words)
    parser.format_help()


@library(25)
def settings() -> None:
    """A file of settings read and written."""
    parser = configparser.ConfigParser()
    parser.read_string(
        "\n".join(f"[part{n}]\nhome = /{n}\nlog = %(home)s/log" for n in range(60))
    )
    for name in parser.sections():
        assert dict(parser[name])["log"].endswith("/log")
    parser.write(io.StringIO())


@library(40)
def sheets() -> None:
    """Rows written as text and read again."""
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, ["name", "number"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows({"name": f"n, {n}", "number": n, "x": 0} for n in range(300))
    sheet.seek(0)
    rows = list(csv.DictReader(sheet))
    assert sum(int(row["number"]) for row in rows) == sum(range(300))
    csv.Sniffer().sniff("a;b;c\n1;2;3\n4;5;6\n")


class Outline(html.parser.HTMLParser):
    """How deep a page's elements stand in each other."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One deeper."""
        self.depth += len(attrs) > 0

    def handle_endtag(self, tag: str) -> None:
        """One less deep."""
        self.depth -= tag == "p"

    def handle_data(self, data: str) -> None:
        """What stands between them."""
        self.text.append(data)


@library(15)
def pages() -> None:
    """HTML read."""
    outline = Outline()
    for number in range(150):
        text = html.escape(f"<{number}> & more")
        outline.feed(f"<p class='c{number}'>{text} <b>bold</b><br/></p>\n")
    outline.close()
    assert outline.depth == 0 and "bold" in outline.text


@library(20)
def documents() -> None:
    """XML as a tree of objects, changed and written."""
    items = "".join(f"<item n='{n}'>text <b>{n}</b></item>" for n in range(80))
    with xml.dom.minidom.parseString(f"<all>{items}</all>") as document:
        for item in document.getElementsByTagName("item"):
            item.setAttribute("seen", item.getAttribute("n"))
            item.appendChild(document.createTextNode("!"))
        assert "seen" in document.toprettyxml()


@library(25)
def lists_of_properties() -> None:
    """Plain data as XML and back."""
    data = {f"key{n}": [n, n / 2, f"<{n}>", {"on": n % 2 == 0}] for n in range(60)}
    assert plistlib.loads(plistlib.dumps(data)) == data


@library(4)
def letters() -> None:
    """Mail written and read."""
    for number in range(6):
        letter = email.message.EmailMessage(email.policy.default)
        letter["Subject"] = f"Number {number}: " + "a long line of words " * 6
        letter["To"] = ", ".join(f"Reader {n} <r{n}@example.org>" for n in range(4))
        letter.set_content("Text\n" * 20)
        letter.add_attachment(b"0123456789" * 30, maintype="a", subtype="b")
        again = email.message_from_string(letter.as_string())
        assert again.is_multipart() and len(list(again.walk())) == 3


@library(40)
def cookies() -> None:
    """Cookies read and written."""
    for number in range(40):
        jar = http.cookies.SimpleCookie(f'a={number}; b=two; c="x y"; path=/p')
        jar["d"] = "four"
        jar["d"]["max-age"] = number
        assert "Max-Age" in jar.output()


# Addresses and places


@library(10)
def links() -> None:
    """Addresses of pages taken apart, joined and quoted."""
    base = "http://example.org:80/a/b;p?q=1#f"
    for number in range(200):
        parts = urllib.parse.urlsplit(
            f"http://h{number}.org:80/p/{number}?q={number}#f"
        )
        assert parts.port == 80 and parts.geturl().endswith("#f")
        urllib.parse.urljoin(base, f"../c{number}?x")
        query = urllib.parse.urlencode({"n": number, "text": "ä b"})
        assert urllib.parse.parse_qs(query)["n"] == [str(number)]


@library(40)
def networks() -> None:
    """Networks divided, joined and asked."""
    network = ipaddress.IPv4Network("10.0.0.0/20")
    parts = [*network.subnets(new_prefix=26)]
    assert [*ipaddress.collapse_addresses(parts)] == [network]
    assert sum(host in parts[1] for host in parts[1].hosts()) == 62
    for number in range(60):
        assert str(ipaddress.ip_address(f"2001:db8::{number:x}"))


@library(20)
def ways() -> None:
    """Names of files."""
    for number in range(300):
        name = posixpath.join("/a", f"b{number}", "..", "./c.tar.gz")
        assert posixpath.splitext(posixpath.normpath(name))[1] == ".gz"
        posixpath.relpath(name, "/a/d")


@library(40)
def archives() -> None:
    """Files packed in memory and found again."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for number in range(30):
            archive.writestr(f"folder/{number}.txt", b"text" * number)
    with zipfile.ZipFile(memory) as archive:
        assert sum(len(archive.read(name)) for name in archive.namelist()) == 1740


# Numbers


@library(60)
def shares() -> None:
    """Fractions added, compared and rounded."""
    total = fractions.Fraction(0)
    for number in range(1, 90):
        total += fractions.Fraction(1, number)
        assert total > number / (number + 1)
    total.limit_denominator(1000)
    assert round(total * 2 - total / 3, 3)


@library(30)
def figures() -> None:
    """What is to be said of many numbers."""
    chance = random.Random(1)
    values = [chance.random() for _ in range(700)]
    assert 0 < statistics.pstdev(values) < statistics.fmean(values) + 1
    assert statistics.quantiles(values, n=10)[4] == statistics.median(values)
    statistics.linear_regression(values[:200], values[200:400])
    assert statistics.NormalDist.from_samples(values).cdf(0.5) > 0
    assert statistics.mean(range(400)) == 199.5


@library(20)
def colours() -> None:
    """Colours from one system to another."""
    for number in range(1200):
        hue, light, chroma = colorsys.rgb_to_hls(number / 1200, 0.4, 0.2)
        red, _, _ = colorsys.hls_to_rgb(hue, light, chroma)
        assert abs(red - number / 1200) < 1e-9
        colorsys.hsv_to_rgb(*colorsys.rgb_to_hsv(red, 0.1, 0.9))


@library(15)
def chances() -> None:
    """Random numbers of many kinds."""
    chance = random.Random(1)
    cards = list(range(1500))
    chance.shuffle(cards)
    assert sorted(cards) == list(range(1500))
    for _ in range(800):
        assert 1 <= chance.randint(1, 6) <= 6
        assert chance.choice("abc") in "abc"
        assert 0 <= chance.triangular(0, 2, 1) <= 2
        chance.gauss(0, 1)
        chance.expovariate(2)
    assert len({*chance.sample(cards, 200)}) == 200
    chance.choices(cards, weights=cards, k=50)


@library(40)
def calendars() -> None:
    """Years on paper."""
    assert "December" in calendar.TextCalendar().formatyear(2024)
    assert "Dec" in calendar.HTMLCalendar().formatyearpage(2024).decode()
    week = datetime.timedelta(days=7)
    day = datetime.date(2020, 1, 1)
    while day.year < 2024:
        assert calendar.monthrange(day.year, day.month)[1] >= 28
        day += week


# Objects and containers


@dataclasses.dataclass(order=True)
class Point:
    """A place with a name."""

    x: float
    y: float = 0.0
    name: str = dataclasses.field(default="", compare=False)

    @property
    def length(self) -> float:
        """How far from the origin."""
        return math.sqrt(self.x * self.x + self.y * self.y)

    def __add__(self, other: Point) -> Point:
        """The sum of two."""
        return Point(self.x + other.x, self.y + other.y)


@library(15)
def records() -> None:
    """Objects made, compared, sorted and added."""
    chance = random.Random(2)
    points = [Point(chance.random(), chance.random(), str(n)) for n in range(500)]
    points.sort()
    assert points == [dataclasses.replace(point) for point in points]
    assert max(points, key=lambda point: point.length).length > 1
    total = functools.reduce(lambda left, right: left + right, points)
    assert dataclasses.astuple(total)[:2] > (200, 200)
    assert {repr(point) for point in points}


class Permission(enum.Flag):
    """What may be done with a file."""

    READ = 1
    WRITE = 2
    RUN = 4


@library(30)
def flags() -> None:
    """Members of enumerations, alone and together."""
    for _ in range(60):
        for first, second in itertools.product(Permission, repeat=2):
            both = first | second
            assert first in both and both & second == second
            assert Permission(both.value) is both and first not in both ^ first


class Letters(MutableSet[str]):
    """A set that keeps its members in a string."""

    def __init__(self, members: str = "") -> None:
        self.members = members

    def __contains__(self, member: object) -> bool:
        """Whether it is one of them."""
        return isinstance(member, str) and member in self.members

    def __iter__(self) -> Iterator[str]:
        """All of them."""
        return iter(self.members)

    def __len__(self) -> int:
        """How many."""
        return len(self.members)

    def add(self, value: str) -> None:
        """One more."""
        if value not in self:
            self.members += value

    def discard(self, value: str) -> None:
        """One less."""
        self.members = self.members.replace(value, "")

    @classmethod
    def _from_iterable(cls, found: typing.Iterable[str]) -> Letters:  # type: ignore[override]
        return cls("".join(dict.fromkeys(found)))


@library(500)
def sets() -> None:
    """What the abstract collections make of a few methods."""
    for members in ("abcdef", "fedcba", "aceabdf"):
        some, others = Letters(members), Letters("defghi")
        some |= others
        some -= Letters("a")
        assert len(some & others) == 6 and len(some ^ others) == 2
        assert some >= others and not some.isdisjoint(others)
        assert "".join(sorted(some)) == "bcdefghi"


@library(15)
def containers() -> None:
    """Containers that are written in Python, and those that call it."""
    counted = collections.Counter(source()[:3000].split())
    assert counted.most_common(1) and sum((counted + counted).values())
    nested = collections.ChainMap({"a": 1}, {"b": 2}, {"c": 3})
    table: collections.UserDict[str, int] = collections.UserDict()
    for number in range(150):
        assert nested["c"] == 3 and "d" not in nested
        nested = nested.new_child({"e": number}) if number % 50 else nested.parents
        table[str(number)] = number
    assert sum(table[key] for key in table) == sum(range(150))
    names: collections.UserList[int] = collections.UserList(range(40))
    names.extend(names[10:20])
    groups = collections.defaultdict(list)
    for name in names:
        groups[name % 7].append(name)
    assert {len(group) for group in groups.values()}
    Named = collections.namedtuple("Named", "left right")
    assert all(Named(n, n)._replace(left=n + 1).left > n for n in range(50))


class Owner:
    """Something that weak references can be made to."""


@library(80)
def registers() -> None:
    """What is known for as long as others hold it."""
    owners = [Owner() for _ in range(150)]
    by_number = weakref.WeakValueDictionary(enumerate(owners))
    names = weakref.WeakKeyDictionary((owner, n) for n, owner in enumerate(owners))
    members = weakref.WeakSet(owners)
    assert all(names[owner] == n for n, owner in by_number.items())
    del owners[50:]
    assert len(by_number) >= 50 and sum(owner in members for owner in owners) == 50


@library(80)
def queues() -> None:
    """The smallest first."""
    chance = random.Random(3)
    rows = [sorted(chance.random() for _ in range(120)) for _ in range(6)]
    merged = list(heapq.merge(*rows))
    assert merged == sorted(merged)
    assert heapq.nlargest(5, merged, key=lambda value: -value) == merged[:5]
    assert heapq.nsmallest(5, merged, key=abs) == merged[:5]


@library(50)
def orders() -> None:
    """What has to come before what, and when."""
    needs = {n: {n // 2, n // 3} - {n} for n in range(1, 200)}
    order = [*graphlib.TopologicalSorter(needs).static_order()]
    assert order.index(2) < order.index(199)
    done: list[int] = []
    now = [0.0]
    clock = sched.scheduler(lambda: now[0], lambda wait: now.append(now.pop() + wait))
    for number in range(80):
        clock.enter(80 - number, number % 3, done.append, (number,))
    clock.run()
    assert done == sorted(done, reverse=True)


# Functions


@functools.singledispatch
def described(value: object) -> str:
    """What a value is."""
    return "thing"


@described.register
def _(value: int) -> str:
    return "number" if value else "zero"


@described.register(str)
@described.register(bytes)
def _(value: str | bytes) -> str:
    return "text"


@functools.total_ordering
class Version:
    """Numbers that are compared one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text

    @functools.cached_property
    def parts(self) -> tuple[int, ...]:
        """The numbers."""
        return tuple(map(int, self.text.split(".")))

    def __eq__(self, other: object) -> bool:
        """Whether all are the same."""
        return isinstance(other, Version) and self.parts == other.parts

    def __lt__(self, other: Version) -> bool:
        """Whether the first that differs is less."""
        return self.parts < other.parts

    __hash__ = None  # type: ignore[assignment]


@library(60)
def functions() -> None:
    """Functions of functions."""
    values: list[object] = [1, 0, "a", b"b", None, 2.5]
    for number in range(80):
        assert [described(value) for value in values].count("text") == 2
        newer, older = Version(f"1.{number + 1}"), Version(f"1.{number}.9")
        assert newer > older and newer >= older and newer != older
        power = functools.partial(pow, exp=2)
        assert sum(map(power, range(5))) == 30


@contextlib.contextmanager
def noted(notes: list[str], name: str) -> Iterator[str]:
    """Notes when a block begins and ends."""
    notes.append(f"+{name}")
    try:
        yield name
    finally:
        notes.append(f"-{name}")


@library(80)
def contexts() -> None:
    """Blocks within blocks, left in every way."""
    notes: list[str] = []
    for number in range(60):
        with contextlib.suppress(LookupError), contextlib.ExitStack() as stack:
            for name in "abc":
                stack.enter_context(noted(notes, name))
            stack.callback(notes.append, "last")
            if number % 2:
                raise IndexError(number)
    assert notes.count("+a") == notes.count("-a") == 60


def walk(depth: int) -> Iterator[int]:
    """A tree's numbers, from the leaves."""
    if depth:
        yield from walk(depth - 1)
        yield from walk(depth - 1)
    yield depth


@library(80)
def generators() -> None:
    """Generators that ask generators, and are asked by comprehensions."""
    assert sum(1 for _ in walk(9)) == 1023
    pairs = {(left, right) for left in walk(4) for right in walk(3) if left > right}
    assert len(pairs) == 4 + 3 + 2 + 1


# Coroutines


async def produced(count: int) -> AsyncIterator[int]:
    """Numbers, with others having their turn in between."""
    for number in range(count):
        await asyncio.sleep(0)
        yield number


async def produce(queue: asyncio.Queue[int], count: int) -> None:
    """Put numbers into a queue that holds few."""
    async for number in produced(count):
        await queue.put(number)


async def consume(queue: asyncio.Queue[int], lock: asyncio.Lock) -> int:
    """Take numbers out until none has come for a while."""
    total = 0
    while (number := await queue.get()) >= 0:
        async with lock:
            total += number
    return total


async def line_of_work() -> int:
    """Two who make, three who take."""
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=5)
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as takers:
        tasks = [takers.create_task(consume(queue, lock)) for _ in range(3)]
        async with asyncio.TaskGroup() as makers:
            for _ in range(2):
                makers.create_task(produce(queue, 150))
        for _ in tasks:
            await queue.put(-1)
    return sum(task.result() for task in tasks)


@library(2)
def pipelines() -> None:
    """Tasks that wait for each other."""
    assert asyncio.run(line_of_work()) == 2 * sum(range(150))


# All of it


def brief(micro: Micro) -> int:
    """A twentieth of a micro program's work; small numbers are no numbers of turns."""
    return micro.count // 20 if micro.count >= 4000 else micro.count - 4


def train() -> float:
    """Run everything on the engine.  Returns the share of frames that were on it."""
    adaptive.reset_counters()
    with adaptive.enabled():
        for micro in MICRO.values():
            micro.function(brief(micro))
        for work, times in LIBRARY.items():
            for _ in range(times):
                work()
    frames = adaptive.counters()["frames"]
    share: float = frames["engine"] / (frames["engine"] + sum(frames["host"].values()))
    return share


def main() -> int:
    """Train; 1 where too much of it was left to the host to be of use."""
    share = train()
    if share < LEAST_SHARE:
        print(f"the engine ran only {share:.1%} of the frames", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
