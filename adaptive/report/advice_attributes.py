"""Hints for attributes that a class decides about."""

from __future__ import annotations

from .advice import Hint

ATTRIBUTES = (
    Hint(
        "other_builtin",
        "Write `super()` without arguments, and take the attribute at once.",
        "`super().name` is one form, which makes no super object.",
        """
class Base:
    size = 3


class Sub(Base):
    def bigger(self):
        return super(Sub, self).size + 1  # <--


def hot():
    sub = Sub()
    total = 0
    for _ in range(30):
        total += sub.bigger()
    return total
""",
        """
class Base:
    size = 3


class Sub(Base):
    def bigger(self):
        return super().size + 1  # <--


def hot():
    sub = Sub()
    total = 0
    for _ in range(30):
        total += sub.bigger()
    return total
""",
        ("LOAD_ATTR",),
        frozenset({"super"}),
    ),
    Hint(
        "own_attribute_hook",
        "Set attributes by name instead of finding them in `__getattr__`.",
        "A class with `__getattr__` or `__getattribute__` loads all its attributes by"
        " calls, those too that its instances have themselves.",
        """
class Box:
    def __init__(self, size):
        self.size = size


class Proxy:
    def __init__(self, box):
        self.box = box
        self.asked = 1

    def __getattr__(self, name):
        return getattr(self.box, name)


def hot():
    proxy = Proxy(Box(3))
    total = proxy.size
    for _ in range(30):
        total += proxy.asked  # <--
    return total
""",
        """
class Box:
    def __init__(self, size):
        self.size = size


class Proxy:
    def __init__(self, box):
        self.size = box.size
        self.asked = 1


def hot():
    proxy = Proxy(Box(3))
    total = proxy.size
    for _ in range(30):
        total += proxy.asked  # <--
    return total
""",
        ("LOAD_ATTR",),
    ),
    Hint(
        "own_attribute_hook",
        "Check values in a method instead of `__setattr__`.",
        "`__setattr__` is called for every store to every attribute; a method only"
        " where it is wanted, and its own stores have forms.",
        """
class Tank:
    def __init__(self):
        self.level = 0

    def __setattr__(self, name, value):
        if value < 0:
            raise ValueError("less than nothing")
        object.__setattr__(self, name, value)


def hot():
    tank = Tank()
    for n in range(30):
        tank.level = n  # <--
    return tank.level
""",
        """
class Tank:
    def __init__(self):
        self.level = 0

    def fill(self, value):
        if value < 0:
            raise ValueError("less than nothing")
        self.level = value


def hot():
    tank = Tank()
    for n in range(30):
        tank.fill(n)  # <--
    return tank.level
""",
        ("STORE_ATTR",),
    ),
    Hint(
        "data_descriptor",
        "Call a method instead of storing to a property.",
        "A property's setter is called through C. A method is entered directly, and a"
        " plain attribute needs neither.",
        """
class Tank:
    def __init__(self):
        self.liters = 0

    @property
    def level(self):
        return self.liters

    @level.setter
    def level(self, value):
        self.liters = value


def hot():
    tank = Tank()
    for n in range(30):
        tank.level = n  # <--
    return tank.liters
""",
        """
class Tank:
    def __init__(self):
        self.liters = 0

    def fill(self, value):
        self.liters = value


def hot():
    tank = Tank()
    for n in range(30):
        tank.fill(n)  # <--
    return tank.liters
""",
        ("STORE_ATTR",),
    ),
    Hint(
        "non_data_descriptor",
        "Make a function of the module of a staticmethod or classmethod.",
        "Through an instance, such a method is looked up and made anew for each call. A"
        " function of the module is found by a form and entered by another.",
        """
class Circle:
    def __init__(self, radius):
        self.radius = radius

    @classmethod
    def area_of(cls, radius):
        return 3 * radius * radius

    def area(self):
        return self.area_of(self.radius)  # <--


def hot():
    circle = Circle(2)
    total = 0
    for _ in range(30):
        total += circle.area()
    return total
""",
        """
class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return area_of(self.radius)  # <--


def area_of(radius):
    return 3 * radius * radius


def hot():
    circle = Circle(2)
    total = 0
    for _ in range(30):
        total += circle.area()
    return total
""",
        ("LOAD_ATTR",),
    ),
    Hint(
        "mutable_type",
        "Keep objects of your classes in instances or globals, not in a class.",
        "What a class has under a name might become a descriptor, if it is of a Python"
        " class. functools.cached_property is such an object as well: a value set in"
        " `__init__` has a form.",
        """
class Style:
    def __init__(self):
        self.width = 3


class Line:
    style = Style()


def hot():
    line = Line()
    total = 0
    for _ in range(30):
        total += line.style.width  # <--
    return total
""",
        """
class Style:
    def __init__(self):
        self.width = 3


STYLE = Style()


class Line:
    def __init__(self):
        self.style = STYLE


def hot():
    line = Line()
    total = 0
    for _ in range(30):
        total += line.style.width  # <--
    return total
""",
    ),
    Hint(
        "method_not_called",
        "Call a method where it is loaded, or bind it once before the loop.",
        "A method that is passed on or kept is a new object each time. `o.m(x)` makes"
        " none, and one that is bound before the loop is made once.",
        """
class Scale:
    def apply(self, n):
        return 2 * n


def total_of(function):
    return function(1) + function(2)


def hot():
    scale = Scale()
    total = 0
    for _ in range(30):
        total += total_of(scale.apply)  # <--
    return total
""",
        """
class Scale:
    def apply(self, n):
        return 2 * n


def total_of(function):
    return function(1) + function(2)


def hot():
    scale = Scale()
    apply = scale.apply
    total = 0
    for _ in range(30):
        total += total_of(apply)  # <--
    return total
""",
        ("LOAD_ATTR",),
    ),
    Hint(
        "metaclass_attribute",
        "Load `__name__` and the like before the loop, or keep it under another name.",
        "`__name__`, `__mro__` and other names that every class has are computed by"
        " `type`. An attribute under a name that only the class has is loaded by a"
        " form, and what does not change can be loaded before the loop.",
        """
class Node:
    pass


def hot():
    labels = []
    for _ in range(30):
        labels.append(Node.__name__)  # <--
    return labels
""",
        """
class Node:
    label = "Node"


def hot():
    labels = []
    for _ in range(30):
        labels.append(Node.label)  # <--
    return labels
""",
        ("LOAD_ATTR",),
    ),
)
