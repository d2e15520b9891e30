"""Every pyperformance program that is measured, and its size. Data only.

The programs themselves are pyperformance's own files, found where it is installed;
`loader.py` runs them. Sizes are chosen so that one round takes 0.05 to 0.5 seconds on
a plain host: long enough to be measured, short enough to repeat.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.micro import MICRO, Micro


@dataclass(frozen=True)
class Program:
    """One benchmark of one pyperformance script, at one size."""

    name: str
    """What the script calls this benchmark when it hands it to pyperf."""
    script: str
    """The script's directory, without `bm_`."""
    loops: int = 1
    """How often the benchmark repeats itself in one round."""
    argv: tuple[str, ...] = ()
    """The script's command line."""
    args: tuple[object, ...] | None = None
    """Arguments that replace the ones the script gives its benchmark function."""
    constants: Mapping[str, object] = field(default_factory=dict)
    """Globals of the script set after it has run, for sizes it has no option for."""
    fresh: tuple[str, ...] = ()
    """Modules the work is done in, imported anew for each copy of the program."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library; they are imported anew as well."""
    most_rounds: int | None = None
    """A bound on the rounds, for the few that cannot be made small."""
    probe: str = ""
    """An expression over the script's globals that shows what it has computed."""


PPRINT_ROWS = [("string", (1, 2), [3, 4], {5: 6, 7: 8})] * 2_000
PICKLE = ("pickle", "_pickle", "_compat_pickle")
REGEX = ("re",)
FFT_PROBE = (
    "(lambda v: (FFT_transform(64, v), FFT_inverse(64, v), list(v)))"
    "(Random(7).RandomVector(64))"
)
GALAXY_PROBE = "calculate_system_energy(create_deterministic_galaxy(40, 500, 400))"

STDLIB_PROGRAMS = (
    Program(
        "many_optionals", "argparse", 100, ("many_optionals",), fresh=("argparse",)
    ),
    Program("subparsers", "argparse", 4, ("subparsers",), fresh=("argparse",)),
    Program("async_generators", "async_generators", fresh=("asyncio",)),
    *(
        Program(
            f"async_tree_{kind}",
            "async_tree",
            6,
            argv=(kind.removesuffix("_tg"), *flags),
            constants={"NUM_RECURSE_LEVELS": 4, "IO_SLEEP_TIME": 0.001},
            fresh=("asyncio",),
        )
        for kind, flags in (
            ("none", ()),
            ("none_tg", ("--task-groups",)),
            ("io", ()),
            ("memoization", ()),
            ("cpu_io_mixed_tg", ("--task-groups",)),
        )
    ),
    Program(
        "quadtree_nbody",
        "barnes_hut",
        argv=("--iterations", "30"),
        probe=GALAXY_PROBE,
    ),
    Program("ascii85_small", "base64", 10, fresh=("base64",)),
    Program("base32_small", "base64", 10, fresh=("base64",)),
    Program("bpe_tokeniser", "bpe_tokeniser", most_rounds=2),
    Program("chaos", "chaos", probe="random.random()"),
    Program("comprehensions", "comprehensions", 2_000),
    Program("coroutines", "coroutines", 4),
    Program("decimal_pi", "decimal_pi"),
    Program("deepcopy", "deepcopy", 200, fresh=("copy",)),
    Program("deepcopy_memo", "deepcopy", 2_000, fresh=("copy",)),
    Program("deepcopy_reduce", "deepcopy", 25_000, fresh=("copy",)),
    Program("deltablue", "deltablue", 25),
    Program("fannkuch", "fannkuch", 3, args=(8,)),
    Program("float", "float", args=(100_000,)),
    Program("create_gc_cycles", "gc_collect", 300),
    Program("gc_traversal", "gc_traversal", 30, args=(1_000,)),
    Program("generators", "generators", 2),
    Program("go", "go", constants={"GAMES": 120}),
    Program("hexiom", "hexiom", 12),
    Program(
        "json_dumps",
        "json_dumps",
        6,
        fresh=("json",),
        probe="json.dumps([EMPTY, SIMPLE, NESTED])",
    ),
    Program("json_loads", "json_loads", 200, fresh=("json",)),
    *(
        Program(f"logging_{kind}", "logging", loops, (kind,), fresh=("logging",))
        for kind, loops in (("silent", 60_000), ("simple", 1_500), ("format", 1_500))
    ),
    Program("mdp", "mdp", fresh=("fractions",), most_rounds=2),
    Program("meteor_contest", "meteor_contest"),
    Program("nbody", "nbody", probe="report_energy()"),
    Program("nqueens", "nqueens", args=(8,), probe="list(n_queens(6))"),
    Program("pathlib", "pathlib", 4, fresh=("pathlib",)),
    *(
        Program(
            f"{kind}_pure_python",
            "pickle",
            loops,
            ("--pure-python", kind),
            fresh=PICKLE,
        )
        for kind, loops in (("pickle", 20), ("unpickle", 30))
    ),
    Program("pidigits", "pidigits", argv=("--digits", "1500")),
    Program("pprint_pformat", "pprint", 3, args=(PPRINT_ROWS,), fresh=("pprint",)),
    Program(
        "pprint_safe_repr",
        "pprint",
        3,
        args=(PPRINT_ROWS, {}, None, 0),
        fresh=("pprint",),
    ),
    Program("pyflate", "pyflate"),
    Program("raytrace", "raytrace"),
    Program(
        "regex_compile",
        "regex_compile",
        fresh=(*REGEX, "bm_regex_effbot", "bm_regex_v8"),
    ),
    Program("regex_dna", "regex_dna"),
    Program("regex_effbot", "regex_effbot", 4),
    Program("regex_v8", "regex_v8", 5),
    Program("richards", "richards", 2),
    Program("richards_super", "richards_super", 2),
    Program("scimark_fft", "scimark", argv=("fft",), probe=FFT_PROBE),
    Program("scimark_lu", "scimark", argv=("lu",)),
    Program(
        "scimark_monte_carlo",
        "scimark",
        2,
        argv=("monte_carlo",),
        probe="MonteCarlo(500)",
    ),
    Program("scimark_sor", "scimark", argv=("sor",)),
    Program("scimark_sparse_mat_mult", "scimark", 20, argv=("sparse_mat_mult",)),
    Program("spectral_norm", "spectral_norm", probe="eval_AtA_times_u([1] * 30)"),
    Program("sqlite_synth", "sqlite_synth", 40_000),
    Program("telco", "telco", 10),
    Program(
        "typing_runtime_protocols",
        "typing_runtime_protocols",
        100,
        fresh=("typing",),
    ),
    Program("unpack_sequence", "unpack_sequence", 5_000),
    Program("xml_etree_process", "xml_etree", argv=("process",), fresh=("xml",)),
    Program("xml_etree_generate", "xml_etree", argv=("generate",), fresh=("xml",)),
    Program("xml_etree_iterparse", "xml_etree", argv=("iterparse",), fresh=("xml",)),
)

OPTIONAL_PROGRAMS = (
    Program("chameleon", "chameleon", 6, requires=("chameleon",)),
    Program("crypto_pyaes", "crypto_pyaes", requires=("pyaes",)),
    Program("genshi_text", "genshi", 4, argv=("text",), requires=("genshi",)),
    Program("genshi_xml", "genshi", 2, argv=("xml",), requires=("genshi",)),
    Program("html5lib", "html5lib", 2, requires=("html5lib",)),
    Program("tomli_loads", "tomli_loads", requires=("tomli",)),
)

DECLARED = {each.name: each for each in (*STDLIB_PROGRAMS, *OPTIONAL_PROGRAMS)}


def missing(program: Program) -> list[str]:
    """The modules `program` needs that cannot be imported here."""
    return [name for name in program.requires if not importlib.util.find_spec(name)]


def available() -> dict[str, Program]:
    """Programs by name whose requirements are met here, in order of declaration."""
    return {name: each for name, each in DECLARED.items() if not missing(each)}


def find(name: str) -> Program | Micro:
    """The program or micro program called `name`.

    Raises: KeyError when there is none, or when it needs a module that is not here.
    """
    if name in MICRO:
        return MICRO[name]
    if name not in DECLARED:
        raise KeyError(f"no program is called {name!r}")
    program = DECLARED[name]
    if absent := missing(program):
        raise KeyError(f"{name} needs {', '.join(absent)}, which is not installed")
    return program


def script_path(program: Program) -> Path:
    """The script's own file, inside the installed pyperformance.

    Raises: ModuleNotFoundError when pyperformance is not installed.
    """
    spec = importlib.util.find_spec("pyperformance")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the benchmarks need the pyperformance package")
    benchmarks = Path(spec.origin).parent / "data-files" / "benchmarks"
    return benchmarks / f"bm_{program.script}" / "run_benchmark.py"
