"""Build: the extension modules, and the constants they take from the Python tables.

`adaptive/_ops.pxd` is written here from `isa.py`, `config.py` and `reasons.py`, which
are loaded by path so that nothing of the package has to be importable yet, and
`adaptive/_arms.pxd` from `isa.py` and the arms that stand in `_core.pyx`.
`ADAPTIVE_DEBUG=1` in the environment builds with assertions and Cython's annotations.

Where gcc compiles, the loop is built for what it does in training
(`bench/trained_build.py`), unless `ADAPTIVE_PGO=0` is in the environment.
"""

from __future__ import annotations

import os
import platform
import re
import runpy
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import Extension, setup

HERE = Path(__file__).parent
PACKAGE = HERE / "adaptive"
DEBUG = os.environ.get("ADAPTIVE_DEBUG") == "1"


def refuse_unsupported_host() -> None:
    """Stop with one sentence where no host layouts are known."""
    problem = ""
    if platform.python_implementation() != "CPython":
        problem = f"this is {platform.python_implementation()}, not CPython"
    elif sysconfig.get_config_var("Py_GIL_DISABLED"):
        problem = "this is a free-threaded build of CPython"
    elif not (
        PACKAGE / "lowering" / f"v{sys.version_info[0]}{sys.version_info[1]}.py"
    ).exists():
        version = ".".join(map(str, sys.version_info[:2]))
        problem = f"CPython {version} has no host module yet (supported: 3.11)"
    if problem:
        sys.exit(f"adaptive cannot be built here: {problem}.")


def write_product(target: Path, lines: list[str]) -> None:
    """Write a file that the build makes, if that changes it.

    Cython does not see who uses it, so all are compiled again then.
    """
    text = "\n".join(lines) + "\n"
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
        for source in PACKAGE.glob("*.pyx"):
            source.touch()


def counter_constants(isa: dict[str, Any], config: dict[str, Any]) -> list[str]:
    """What counters and branch histories begin with, and who may not be replaced."""
    bits = config["COUNTER_BACKOFF_BITS"]
    lines = ["", "cdef enum:"]
    lines.append(f"    FIRST_INSTRUMENTED = {isa['FIRST_INSTRUMENTED']}")
    lines.append(f"    BRANCH_HISTORY = {isa['BRANCH_HISTORY']}")
    lines.append(f"    COUNTER_BACKOFF_BITS = {bits}")
    lines.append(f"    COUNTER_MAX_VALUE = {(1 << (16 - bits)) - 1}")
    lines.append(f"    COUNTER_MAX_BACKOFF = {config['COUNTER_MAX_BACKOFF']}")
    lines.append(f"    COUNTER_UNREACHABLE = {config['COUNTER_UNREACHABLE']}")
    lines.append(f"    MOST_CHANGES = {config['MOST_CHANGES']}")
    lines.append(f"    RULE_DEPTH = {config['RULE_DEPTH']}")
    for name, (value, backoff) in config["COUNTER_STARTS"].items():
        lines += [f"    {name}_VALUE = {value}", f"    {name}_BACKOFF = {backoff}"]
    return lines


def event_constants(isa: dict[str, Any]) -> list[str]:
    """What tools can ask for, and how many tools there are."""
    lines = ["", "cdef enum:"]
    lines += [f"    EVENT_{name} = {i}" for i, name in enumerate(isa["EVENTS"])]
    lines.append(f"    EVENT_COUNT = {len(isa['EVENTS'])}")
    lines.append(f"    LOCAL_EVENT_COUNT = {isa['LOCAL_EVENTS']}")
    lines.append(f"    TOOL_COUNT = {isa['TOOLS']}")
    return lines


def write_constants() -> None:
    """`_ops.pxd`: opcodes, caches, steps, counters and reasons as C constants."""
    isa = runpy.run_path(str(PACKAGE / "isa.py"))
    reasons = runpy.run_path(str(PACKAGE / "reasons.py"))
    config = runpy.run_path(str(PACKAGE / "config.py"))
    lines = ['"""Written by setup.py from isa.py and reasons.py; do not edit."""', ""]
    lines.append("cdef enum:")
    lines += [f"    {row.name} = {row.number}" for row in isa["INSTRUCTIONS"]]
    first = isa["FIRST_STEP"]
    lines += [f"    {name} = {first + i}" for i, name in enumerate(isa["STEPS"])]
    lines += ["", "cdef enum:"]
    lines += [
        f"    {row.name}_CACHE = {row.cache_units}"
        for row in isa["INSTRUCTIONS"]
        if row.cache_units and row.name == row.base
    ]
    lines += [
        f"    {row.name}_{field.name.upper()}_CELL = {field.offset_units + 1}"
        for row in isa["INSTRUCTIONS"]
        if row.name == row.base
        for field in row.cache
    ]
    lines += counter_constants(isa, config)
    lines += event_constants(isa)
    lines += ["", "cdef enum:"]
    for kind, names in (
        ("NB", isa["BINARY_OPERATOR_NAMES"]),
        ("INTRINSIC_1", isa["INTRINSICS_1"]),
        ("INTRINSIC_2", isa["INTRINSICS_2"]),
    ):
        lines += [f"    {kind}_{name} = {i}" for i, name in enumerate(names)]
    lines.append(f"    COMPARE_SHIFT = {isa['COMPARE_SHIFT']}")
    lines += [f"    FLAG_{name} = {isa[name]}" for name in ("JUMP", "BACK")]
    lines += ["", "cdef enum:"]
    lines += [
        f"    REASON_{row.name.upper()} = {i}" for i, row in enumerate(reasons["TABLE"])
    ]
    lines.append(f"    REASON_COUNT = {len(reasons['TABLE'])}")
    lines += ["", "cdef extern from *:"]
    lines += ['    """', f"    #define ADAPTIVE_ISA_MAGIC {isa['MAGIC']}ULL", '    """']
    lines.append('    const unsigned long long ISA_MAGIC "ADAPTIVE_ISA_MAGIC"')
    write_product(PACKAGE / "_ops.pxd", lines)


def write_arms() -> None:
    """`_arms.pxd`: opcodes as the loop's arms test for them, and jumps to the arms.

    In C such a name is a case label with a goto label behind it, so that the end of
    each arm can jump to the next instruction's by itself (threaded code), and an arm to
    another without the switch.  Only instructions with an arm in `run` have a place of
    their own in the table; all others go to its last `else`.

    The unit's argument is fetched into one variable, and every arm takes it into
    another by an empty asm that gcc cannot look through.  So it lives no longer than
    the arm that uses it; one variable for all arms lives through all their calls, and
    gcc keeps it in memory: a store and a load for each instruction.
    """
    isa = runpy.run_path(str(PACKAGE / "isa.py"))
    core = (PACKAGE / "_core.pyx").read_text("utf-8")
    tested = set(re.findall(r"\bop == arms\.(\w+)", core))
    jumps = sorted(set(re.findall(r"\barms\.to_(\w+)", core)))
    rows = [(row.name, row.number) for row in isa["INSTRUCTIONS"] if row.name in tested]
    steps = [(name, isa["FIRST_STEP"] + i) for i, name in enumerate(isa["STEPS"])]
    lines = ['"""Written by setup.py from isa.py and _core.pyx; do not edit."""', ""]
    lines += ["cdef extern from *:", '    """']
    take = '"" : "=r"(__pyx_v_oparg) : "0"(__pyx_v_fetched)'
    lines.append(f"    #define TAKE_OPARG() __asm__({take})")
    lines += [
        f"    #define ARM_{name} {number}: arm_{name}: TAKE_OPARG(); in_{name}"
        for name, number in rows
    ]
    lines += [f"    #define ARM_{name} {number}: in_{name}" for name, number in steps]
    lines += [f"    #define TO_ARM_{name}() goto in_{name}" for name in jumps]
    lines.append("    #define ARM_OF_OTHERS() arm_of_others: TAKE_OPARG()")
    table = "static const void *const arms[256]"
    lines.append(f"    #define DECLARE_ARMS() {table} = {{ \\")
    lines.append("        [0 ... 255] = &&arm_of_others, \\\\")
    lines += [f"        [{number}] = &&arm_{name}, \\\\" for name, number in rows]
    lines += ["    }", "    #define GO_TO_ARM(op) goto *arms[op]"]
    lines.append("    #define HAS_ARM(op) (arms[op] != &&arm_of_others)")
    lines += ['    """', "    enum:"]
    lines += [f'        {name} "ARM_{name}"' for name, _ in rows + steps]
    lines += [f'    void to_{name} "TO_ARM_{name}"() noexcept nogil' for name in jumps]
    lines.append('    void declare "DECLARE_ARMS"() noexcept nogil')
    lines.append('    void others "ARM_OF_OTHERS"() noexcept nogil')
    lines.append('    void go_to "GO_TO_ARM"(int op) noexcept nogil')
    lines.append('    bint has "HAS_ARM"(int op) noexcept nogil')
    write_product(PACKAGE / "_arms.pxd", lines)


#: -O3 as CPython itself.  Helpers that stand in one place must stay functions: what
#: gcc inlines of them into the loop costs the loop its registers (docs/performance.md).
#: Calls of libpython go straight through its table, without a stub.
#: What Cython calls inline is, everywhere.  The fetch behind the arms and its indirect
#: jump are copied to each arm's end (bb-reorder's duplication of computed gotos).
OPTIMIZED = [
    "-O3",
    "-fno-inline-functions-called-once",
    "-fno-inline-functions",
    "-fno-inline-small-functions",
    "-fno-plt",
    "-DNDEBUG",
    "-DCYTHON_INLINE=inline __attribute__((always_inline))",
    "-fno-gcse",
    "-fno-move-loop-invariants",
    # The loops here are over a handful of arguments or locals.
    "-fno-tree-vectorize",
    "-fno-tree-loop-distribute-patterns",
    "-fno-crossjumping",
    "-fno-tree-tail-merge",
    "--param=max-goto-duplication-insns=20",
]
CHECKED = ["-O0", "-g", "-UNDEBUG"]

#: What the loop is trained with.  Named here, the sdist has it too.
TRAINING = [
    f"bench/{name}.py" for name in ("__init__", "micro", "trained_build", "training")
]


def extension(name: str, source: str, **macros: str) -> Extension:
    """One extension module, compiled as the hot loop wants it."""
    return Extension(
        name,
        [source],
        include_dirs=["adaptive"],
        # What an sdist needs besides: of the sources it takes what Cython made of them.
        depends=[source, "adaptive/_host.h", "adaptive/_atomic.h"],
        define_macros=list(macros.items()),
        extra_compile_args=(CHECKED if DEBUG else OPTIMIZED)
        + ["-fno-strict-aliasing", "-fwrapv", "-Werror=implicit-function-declaration"],
    )


def loop(name: str, **switched_on: str) -> Extension:
    """One build of the loop: its text is the same in all, constants decide."""
    macros = {"ADAPTIVE_STRESS": "0", "ADAPTIVE_STATS": "0", **switched_on}
    return extension(name, name.replace(".", "/") + ".pyx", **macros)


def extensions() -> list[Extension]:
    """Every compiled module, cythonized."""
    from Cython.Build import cythonize

    core = loop("adaptive._core")
    core.depends += [path for path in TRAINING if (HERE / path).exists()]
    return cythonize(
        [
            extension("adaptive._cache", "adaptive/_cache.pyx"),
            core,
            loop("adaptive._core_stress", ADAPTIVE_STRESS="1"),
            loop("adaptive._core_stats", ADAPTIVE_STATS="1"),
            extension("adaptive.lowering.common", "adaptive/lowering/common.py"),
            extension("adaptive.lowering.v311", "adaptive/lowering/v311.py"),
        ],
        # C's own division: what divides here knows its operands.
        compiler_directives={"language_level": "3", "cdivision": True},
        annotate=DEBUG,
        quiet=True,
    )


def commands() -> dict[str, Any]:
    """The command that trains the loop, if that is wanted and it came along."""
    recipe = HERE / "bench" / "trained_build.py"
    wanted = not DEBUG and os.environ.get("ADAPTIVE_PGO") != "0"
    if not (wanted and recipe.exists()):
        return {}
    return {"build_ext": runpy.run_path(str(recipe))["TrainedBuild"]}


refuse_unsupported_host()
write_constants()
write_arms()
setup(ext_modules=extensions(), cmdclass=commands())
