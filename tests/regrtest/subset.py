"""The named subsets of ``--subset``: modules of the suite, as data."""

#: Fast, and they say much about an interpreter.
CI = """
test_asyncgen test_augassign test_baseexception test_binop test_bool test_builtin
test_call test_class test_code test_compare test_compile test_complex
test_contains test_contextlib test_contextlib_async test_coroutines test_dataclasses
test_decorators test_defaultdict test_descr test_dict test_dictcomps test_dis
test_doctest test_dynamic test_dynamicclassattribute test_enum test_except_star
test_exception_group test_exception_hierarchy test_exception_variations
test_exceptions test_extcall test_faulthandler test_fstring test_frame
test_funcattrs test_functools test_gc test_generator_stop test_generators test_genexps
test_global test_grammar test_import test_index test_inspect test_isinstance
test_iter test_itertools test_keywordonlyarg test_lambda test_list test_listcomps
test_metaclass test_named_expressions test_opcodes test_operator test_patma
test_pdb test_positional_only_arg test_pow test_property test_raise test_richcmp
test_scope test_set test_setcomps test_signal test_slice test_sort test_string
test_subclassinit test_super test_sys test_sys_setprofile test_sys_settrace test_thread
test_traceback test_tuple test_types test_unpack test_unpack_ex test_weakref test_with
test_yield_from test_bdb test_contextvars test_json test_re test_typing
""".split()

#: What watches or shares a running program: debuggers, profilers, threads, processes,
#: the collector, the end of the interpreter.
TOOLS = """
test_asyncio test_bdb test_cprofile test_faulthandler test_finalization test_fork1
test_gc test_pdb test_profile test_sys_setprofile test_sys_settrace test_thread
test_threading test_trace test_tracemalloc test_weakref
""".split()

SUBSETS = {"ci": CI, "tools": TOOLS}
