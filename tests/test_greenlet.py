"""greenlet, which switches C stacks in the midst of engine frames."""

from __future__ import annotations

import pytest
import support

pytest.importorskip("greenlet")

PROGRAMS = {
    "generators by switching": """
        from greenlet import getcurrent, greenlet

        def tree(n):
            if n:
                yield from tree(n - 1)
                yield n
                yield from tree(n - 1)

        def produce(n):
            for x in tree(n):
                getcurrent().parent.switch(x)

        def iterate(n):
            producer = greenlet(produce)
            x = producer.switch(n)
            while x is not None:
                yield x
                x = producer.switch()

        def main():
            return list(iterate(5)), [sum(iterate(i)) for i in range(7)]
        """,
    "many, deep in calls": """
        from greenlet import getcurrent, greenlet

        class Node:
            def __init__(self, n):
                self.n = n

            def walk(self, depth):
                if depth == 0:
                    return getcurrent().parent.switch(self.n)
                return self.walk(depth - 1) + 1

        def main():
            walkers = [greenlet(Node(i).walk) for i in range(60)]
            first = [walker.switch(i % 9) for i, walker in enumerate(walkers)]
            return first, [walker.switch(i) for i, walker in enumerate(walkers[::-1])]
        """,
    "errors": """
        from greenlet import getcurrent, greenlet

        def guarded(log):
            try:
                getcurrent().parent.switch(1)
            except KeyError as error:
                log.append(error)
            try:
                getcurrent().parent.switch(2)
            finally:
                log.append("left")

        def main():
            log = []
            one = greenlet(guarded)
            one.switch(log)
            one.throw(KeyError("thrown"))
            dead = greenlet(guarded)
            dead.switch(log)
            del dead
            try:
                one.throw(ValueError("passed on"))
            except ValueError as error:
                log.append(error)
            return log
        """,
    "abandoned": """
        import gc
        from greenlet import getcurrent, greenlet

        def wait(held):
            for value in held:
                getcurrent().parent.switch(value)

        def main():
            for i in range(50):
                greenlet(wait).switch([i, i])
            gc.collect()
            return "collected"
        """,
    "in threads": """
        import threading
        from greenlet import getcurrent, greenlet

        def count(n):
            total = 0
            for i in range(n):
                total += getcurrent().parent.switch(i)
            return total

        def work(found, n):
            counter = greenlet(count)
            last = counter.switch(n)
            while not counter.dead:
                last = counter.switch(last + n)
            found[n] = last

        def main():
            found = {}
            threads = [threading.Thread(target=work, args=(found, n)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return sorted(found.items())
        """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_as_host(name: str) -> None:
    """Frames and stacks are the engine's while greenlets switch."""
    assert support.same(PROGRAMS[name]).how == "returned"


def test_with_copies() -> None:
    """S4-06: a thread's greenlets run its copies, whichever of them is switched to."""
    done = support.python(
        "-c",
        "import support, test_greenlet; support.same_for_all(test_greenlet.PROGRAMS)",
        ADAPTIVE_TLBC="on",
    )
    assert done.returncode == 0, done.stderr
