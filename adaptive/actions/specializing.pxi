# Quickening, and the way from a counter that triggers to a form that is committed.
# Text of _core.pyx.
#
# One life cycle for all families.  A base instruction counts down each time it runs.
# When its counter triggers, `specialize` asks the policy, which is Python, and either
# commits the form it names (with the cool-down counter) or restarts the counter with
# twice the distance.  Either way the execution that triggered goes on as the base does
# it.  A form whose guard fails goes on at its base's arm as well, which counts down
# again: so a form is tried anew after the cool-down's misses, and the missing execution
# is finished by the base with nothing lost and nothing done twice.

from libc.stdint cimport uint32_t, uint64_t

from adaptive import isa, reasons

cdef object choose = None               # Site -> isa.Instruction or reasons.Reason
cdef uint16_t warmup_counter = counter_warmup()
cdef uint16_t cooldown_counter = counter_cooldown()
cdef bint specializing = True           # False: counters are quickened out of reach
cdef bint fusing = True
cdef unsigned int next_code_version = 1     # 0 once all have been given away

# By opcode: the base, and the units of its cache.
cdef int[256] BASES
cdef unsigned char[256] CACHES


cdef void init_opcodes() noexcept:
    cdef int op
    for op in range(256):
        BASES[op] = isa.DEOPT[op]
        CACHES[op] = isa.CACHE_UNITS[op]


cdef inline int base_of_unit(const uint16_t *unit) noexcept nogil:
    return BASES[unit_op(load_unit(unit))]


# -- sites -----------------------------------------------------------------------------

cdef tuple CALLS = ("CALL", "CALL_KW")
cdef tuple ATTRIBUTES = ("LOAD_ATTR", "STORE_ATTR")
#: How many operands each family's instruction takes off the stack; not for calls.
cdef dict OPERANDS = {
    name: len(isa.BY_NUMBER[isa.NUMBER[name]].stack.partition("--")[0].split())
    for name in isa.FAMILIES
}


cdef class Site:
    """One instruction that is about to be specialized, and what it works on now.

    Facts, never pointers.  Only valid while the rule that was given it runs: after that
    every question raises ValueError.  Made by the engine alone.
    """

    cdef HostFrame *frame
    cdef CodeState *state
    cdef uint16_t *at               # the instruction's unit; NULL once it is over
    cdef PyObject **sp
    cdef int op                     # what stood there when the counter triggered
    cdef readonly int oparg         # with its prefixes
    cdef readonly str family        # the base instruction's name

    cdef int check(self) except -1:
        if self.at is NULL:
            raise ValueError("the site's rule has returned: it holds no facts any more")
        return 0

    cdef int about(self, families) except -1:
        """ValueError unless the question is one about these families' instructions."""
        self.check()
        if self.family not in families:
            raise ValueError(f"this is no question about {self.family}")
        return 0

    cdef PyObject **operands(self, int count) except NULL:
        """The topmost so many stack slots; ValueError if the family has fewer."""
        self.check()
        if self.family in CALLS or count > OPERANDS[self.family]:
            raise ValueError(f"{self.family} does not have {count} operands")
        return self.sp - count

    cdef PyObject **call_operands(self) except NULL:
        """The slots of a call; of the lowest two one may be NULL."""
        self.about(CALLS)
        return self.sp - self.oparg - 2

    @property
    def code(self):
        """The host's code object."""
        self.check()
        return <object><PyObject *>self.frame.f_code

    @property
    def unit(self):
        """The instruction's unit."""
        self.check()
        return self.at - self.state.units

    @property
    def units(self):
        """The `CodeUnits` that the instruction stands in."""
        self.check()
        return <object>self.state.owner

    def types(self, int count):
        """The exact types of the topmost `count` operands, the deepest first."""
        cdef PyObject **base
        if not 1 <= count <= 3:
            raise ValueError(f"a site has 1 to 3 operands to ask for, not {count}")
        base = self.operands(count)
        if count == 1:
            return (<object>Py_TYPE(base[0]),)
        if count == 2:
            return <object>Py_TYPE(base[0]), <object>Py_TYPE(base[1])
        return (
            <object>Py_TYPE(base[0]), <object>Py_TYPE(base[1]), <object>Py_TYPE(base[2])
        )

    @property
    def operator(self):
        """How BINARY_OP's or COMPARE_OP's operator is spelt; `+=` counts as `+`."""
        self.about(("BINARY_OP", "COMPARE_OP"))
        if self.family == "COMPARE_OP":
            return isa.COMPARE_OPERATORS[self.oparg >> ops.COMPARE_SHIFT]
        return isa.BINARY_OPERATORS[plain_operator(self.oparg)]

    @property
    def is_compact(self):
        """Whether the topmost operand is an int of one digit, not negative."""
        return host_compact_index(self.operands(1)[0]) >= 0

    @property
    def is_pair_of_compact(self):
        """Whether both operands are ints of at most one digit."""
        cdef PyObject **base = self.operands(2)
        cdef long a, b
        return bool(host_both_compact(base[0], base[1], &a, &b))

    @property
    def is_pair_of_numbers(self):
        """Whether both operands are floats, or ints that are exact as floats."""
        cdef PyObject **base = self.operands(2)
        cdef double a, b
        return bool(both_as_doubles(base[0], base[1], &a, &b))

    @property
    def is_compared_by_identity(self):
        """Whether both operands' types leave == to `object`."""
        cdef PyObject **base = self.operands(2)
        return bool(both_by_identity(base[0], base[1]))

    @property
    def has_python_getitem(self):
        """Whether the container of a subscript has a Python-level `__getitem__`."""
        return getitem_is_python(self.operands(2)[0])

    @property
    def is_pairwise(self):
        """Whether the iterator is a zip of two that may differ in length."""
        return is_pairwise(self.operands(1)[0])

    @property
    def is_builtin(self):
        """Whether the topmost operand is an instance of a type that is not a class
        statement's."""
        return not Py_TYPE(self.operands(1)[0]).tp_flags & Py_TPFLAGS_HEAPTYPE

    @property
    def stores_number(self):
        """Whether a number is stored at an index that an array or a bytearray has."""
        self.about(("STORE_SUBSCR",))
        cdef PyObject **base = self.operands(3)
        notice_array(base[1])
        return place_for_number(base + 3) >= 0

    @property
    def is_computable(self):
        """Whether the table of BINARY_OP_EXTEND has a row for the two operands."""
        self.about(("BINARY_OP",))
        cdef PyObject **base = self.operands(2)
        return find_extension(self.oparg, base[0], base[1]) is not NULL

    @property
    def following(self):
        """The base name of the instruction behind this one, and its argument byte."""
        cdef uint16_t *unit
        self.check()
        unit = self.at + 1 + CACHES[unit_op(load_unit(self.at))]
        if unit >= self.state.units + self.state.length:
            return "", 0
        return isa.BY_NUMBER[base_of_unit(unit)].name, unit_arg(load_unit(unit))

    @property
    def stores_left(self):
        """Whether STORE_FAST comes next, to the local that is the left operand now."""
        self.about(("BINARY_OP",))
        cdef uint16_t *unit
        cdef PyObject **base = self.operands(2)
        unit = self.at + 1 + CACHES[unit_op(load_unit(self.at))]
        return (
            base_of_unit(unit) == ops.STORE_FAST
            and self.frame.localsplus[unit_arg(load_unit(unit))] is base[0]
        )

    @property
    def length(self):
        """How many items an exact tuple or list, the topmost operand, has; else -1."""
        cdef PyObject *value = self.operands(1)[0]
        if PyTuple_CheckExact(value) or PyList_CheckExact(value):
            return Py_SIZE(value)
        return -1

    @property
    def name(self):
        """The name that the instruction loads or stores."""
        self.about(ATTRIBUTES + ("LOAD_GLOBAL",))
        cdef bint shifted = self.family in ("LOAD_ATTR", "LOAD_GLOBAL")
        return <object>name_at(self.frame, self.oparg >> shifted)

    @property
    def home(self):
        """Where a global is: "module", "builtins", "unknown" where only the host can
        tell, or "" for nowhere."""
        self.about(("LOAD_GLOBAL",))
        return home_of_global(self.frame, name_at(self.frame, self.oparg >> 1))

    @property
    def hook(self):
        """Who loads the owner's attributes: "default", "getattribute", "getattr" where
        that is one Python function, or "other"; for modules and classes their own."""
        self.about(ATTRIBUTES)
        cdef PyObject *owner = self.operands(1)[0]
        if PyModule_CheckExact(owner):
            return "module"
        if PyType_Check(owner):
            return "class"
        return hook_of(Py_TYPE(owner))

    @property
    def descriptor(self):
        """What the owner's type has there: "absent", "slot", "property", "data",
        "method", "nondata", "plain", or "mutable" where that may still change."""
        self.about(ATTRIBUTES)
        cdef PyObject *owner = self.operands(1)[0]
        cdef PyTypeObject *kind = Py_TYPE(owner)
        cdef bint shifted = self.family == "LOAD_ATTR"
        cdef PyObject *name = name_at(self.frame, self.oparg >> shifted)
        return descriptor_kind(kind, _PyType_Lookup(kind, name))

    @property
    def storage(self):
        """How the owner keeps values: "values" inline, "empty" where it could and has
        none, "dict", "lazy" where there is no dict yet, "none", or "other"."""
        self.about(ATTRIBUTES)
        return storage_of(self.operands(1)[0])

    @property
    def is_own(self):
        """Whether the owner itself holds a value under the name."""
        self.about(ATTRIBUTES)
        cdef bint shifted = self.family == "LOAD_ATTR"
        return has_own_value(
            self.operands(1)[0], name_at(self.frame, self.oparg >> shifted)
        )

    @property
    def stores_by_default(self):
        """Whether the owner's type stores attributes as `object` does."""
        self.about(ATTRIBUTES)
        return host_stores_generically(Py_TYPE(self.operands(1)[0]))

    @property
    def is_known_to_cache(self):
        """Whether the process's attribute cache can tell where the owner's type has
        the name."""
        self.about(("LOAD_ATTR",))
        cdef PyObject *owner = self.operands(1)[0]
        return is_known_to_cache(owner, name_at(self.frame, self.oparg >> 1))

    @property
    def has_own_metaclass(self):
        """Whether the owner, a class, is of another metaclass than `type`."""
        self.about(ATTRIBUTES)
        cdef PyObject *owner = self.operands(1)[0]
        return not Py_IS_TYPE(owner, &PyType_Type)

    @property
    def is_always_true(self):
        """Whether instances of the operand's type have neither length nor truth."""
        return host_is_always_true(Py_TYPE(self.operands(1)[0]))

    @property
    def callee(self):
        """What is called: "function", "bound_method", "class", "builtin_class",
        "builtin", "builtin_method", "super", "other_class" or "other"."""
        cdef PyObject **base = self.call_operands()
        if is_bound_method(base):
            if host_is_plain_function(PyMethod_GET_FUNCTION(base[1])):
                return "bound_method"
            return "other"
        if callable_at(base) is <PyObject *>&PySuper_Type:
            return "super"
        return kind_of_function(callable_at(base))

    @property
    def is_bound(self):
        """Whether the callable's first argument stands beside it."""
        return self.call_operands()[0] is not NULL

    @property
    def called(self):
        """The callable itself, if it is a builtin or a class; else None."""
        cdef PyObject *callable = callable_at(self.call_operands())
        if host_is_plain_function(callable) or Py_IS_TYPE(callable, &PyMethod_Type):
            return None
        return <object>callable

    @property
    def is_exact(self):
        """Whether a Python callee takes exactly the arguments that are there."""
        cdef PyObject **base = self.call_operands()
        cdef CodeState *callee = python_callee(base)
        cdef bint is_bound = base[0] is not NULL or is_bound_method(base)
        return callee is not NULL and callee.exact_count == self.oparg + is_bound

    @property
    def convention(self):
        """A builtin callee's calling convention: "o", "noargs", "fast",
        "fast_with_keywords", or "" for another."""
        cdef PyObject *callable = callable_at(self.call_operands())
        if host_method_flags(callable) != -1:
            return convention_of(host_method_flags(callable))
        return convention_of(host_builtin_flags(callable))

    @property
    def is_own_method(self):
        """Whether a builtin method is called on an instance of its own type."""
        cdef PyObject **base = self.call_operands()
        return base[0] is not NULL and host_method_flags(base[0]) != -1 and (
            is_of_type(base[1], host_method_type(base[0]))
        )

    @property
    def sees_through_super(self):
        """Whether super(...) is followed by an attribute that is found without it."""
        cdef int slot
        self.about(("CALL",))
        return check_super(self, self.following[1] & 1, &slot) == GO_ON


# -- errors ------------------------------------------------------------------------
#
# No `except` stands in the core: what Cython makes of one crashes where there was no
# memory for the exception's traceback.  A function that may raise is called through a
# pointer to one that may not, and says by its result whether an exception is pending.

cdef object taken_error():
    """The pending exception, which is no longer pending."""
    cdef PyObject *value = caught_exception()
    cdef object error = <object>value
    Py_DECREF(value)
    return error


# -- the attempt -----------------------------------------------------------------------

cdef int fill(Site site, int form) noexcept:
    """Writes what the form's guard compares and its action uses; GO_ON, or why not.

    Whatever a rule says: a form is only committed where it does what the base does.
    """
    cdef int base = BASES[form]
    if base == ops.BINARY_OP:
        return fill_binary_op(site, form)
    elif base == ops.LOAD_ATTR:
        return fill_load_attr(site, form)
    elif base == ops.STORE_ATTR:
        return fill_store_attr(site, form)
    elif base == ops.LOAD_GLOBAL:
        return fill_load_global(site, form)
    elif base == ops.CALL or base == ops.CALL_KW:
        return fill_call(site, form)
    elif base == ops.FOR_ITER:
        return fill_for_iter(site, form)
    elif base == ops.SEND:
        return fill_send(site, form)
    elif base == ops.TO_BOOL:
        return fill_to_bool(site, form)
    elif base == ops.COMPARE_OP:
        return fill_compare_op(site, form)
    elif base == ops.UNPACK_SEQUENCE:
        return fill_unpack_sequence(site, form)
    return GO_ON


cdef bint back_to_base(Site site) noexcept:
    """The base stands in the slot and no cell holds data; False if tools have it."""
    cdef CodeUnits units = <CodeUnits>site.state.owner
    unfuse_site(site.state, site.at)
    return not is_instrumented(units.give_base(site.at - units.units))


cdef int count_changes(uint16_t *at) noexcept nogil:
    """How often in a row the site has changed its form, were it to change now.

    A form's counter says it by how far its backoff is above the cool-down's own; a
    policy whose backoff leaves no room for that has no polymorphic sites, nor has one
    that asks for a change at every miss.
    """
    cdef int op = unit_op(load_unit(at))
    cdef int usual = counter_backoff(cooldown_counter)
    if BASES[op] == op or usual + ops.MOST_CHANGES > ops.COUNTER_MAX_BACKOFF:
        return 0
    if cooldown_counter == counter_make(0, 0):
        return 0
    return max(counter_backoff(load_counter(at)) - usual, 0) + 1


cdef int form_for_many(Site site, int form) noexcept:
    """The form for a site whose operands are of many types; the base if none is.

    `form` is that for the operands at hand.
    """
    cdef int base = BASES[form]
    if form in (
        ops.CALL_PY_EXACT_ARGS, ops.CALL_PY_GENERAL,
        ops.CALL_BOUND_METHOD_EXACT_ARGS, ops.CALL_BOUND_METHOD_GENERAL,
    ):
        return form
    if base == ops.LOAD_ATTR:
        return ops.LOAD_ATTR_SHARED_CACHE
    if base == ops.FOR_ITER:
        if not Py_TYPE(site.sp[-1]).tp_flags & Py_TPFLAGS_HEAPTYPE:
            return ops.FOR_ITER_BUILTIN
    if base == ops.COMPARE_OP and compare_numbers(site.sp, site.oparg) >= 0:
        return ops.COMPARE_OP_NUMBER
    if base == ops.BINARY_OP:
        if number_extension(site.oparg, site.sp[-2], site.sp[-1]) is not NULL:
            return ops.BINARY_OP_EXTEND
    return base


cdef bint commit_form(Site site, int form) noexcept:
    """Whether the form stands in the slot now, with the cool-down counter.

    The base goes in first, then the cells, then the form (M3).  Another opcode that has
    come into the slot meanwhile wins, and keeps its counter.
    """
    cdef int base = BASES[form]
    cdef int changes = count_changes(site.at)
    cdef bint polymorphic = changes > ops.MOST_CHANGES
    cdef int outcome
    if polymorphic and base == base_of_unit(site.at):
        form = form_for_many(site, form)
        changes = ops.MOST_CHANGES
    if base != base_of_unit(site.at) or (form == base and not polymorphic):
        outcome = ops.REASON_OTHER_INSTRUCTION
    elif form == base:
        outcome = ops.REASON_POLYMORPHIC
    elif not back_to_base(site):
        return False
    else:
        outcome = fill(site, form)
        if polymorphic and base == ops.CALL:
            store_u32(site.at, ops.CALL_FUNCTION_VERSION_CELL, ANY_CODE)
    if outcome != GO_ON:
        refuse(site, outcome)
        return False
    if not replace_op(site.at, base, form):
        return False
    if fusing:
        fuse_site(site.state, site.at, form)
    # The backoff is in the low bits, and has room.
    store_counter(site.at, cooldown_counter + changes)
    counts.specialized[form] += 1
    if ADAPTIVE_STATS:
        count_outcome(site, form, DEFERRED)
    return True


cdef void refuse(Site site, int reason) noexcept:
    """No form, for this reason: the base stands in the slot and waits longer."""
    cdef uint16_t counter = counter_restart(load_counter(site.at))
    counts.refused[reason] += 1
    if ADAPTIVE_STATS:
        count_outcome(site, site.op, reason)
    if reason == ops.REASON_POLYMORPHIC:
        counter = counter_make(ops.COUNTER_MAX_VALUE, ops.COUNTER_MAX_BACKOFF)
    if back_to_base(site):
        store_counter(site.at, counter)


cdef int ask_policy(Site site) except -1:
    """Asks the policy and does what it says.  Raises what its rule raises."""
    cdef uint16_t seen = load_unit(site.at)
    outcome = choose(site)
    if unit_op(load_unit(site.at)) != unit_op(seen):
        return 0        # the slot is somebody else's by now
    if isa.BY_NUMBER.get(getattr(outcome, "number", None)) is outcome:
        commit_form(site, outcome.number)
    elif reasons.is_refusal(outcome):
        refuse(site, reasons.NUMBER[outcome.name])
    else:
        raise TypeError(f"a rule returns a form or a refusal, not {outcome!r}")
    return 0


ctypedef int (*ask_policy_type)(Site) noexcept


cdef void decide(Site site) noexcept:
    """Asks the policy; an error of its own is reported."""
    cdef object error
    if (<ask_policy_type>ask_policy)(site) == 0:
        return
    error = taken_error()
    refuse(site, ops.REASON_RULE_FAILED)
    if PyErr_GivenExceptionMatches(<PyObject *>error, PyExc_KeyboardInterrupt):
        # Not the rule's: it goes to the program, at its next look around.
        PyErr_SetInterrupt()
    elif (<report_type>report)(error, site) < 0:
        PyErr_Clear()


cdef int report(error, Site site) except -1:
    """Shows an error of a policy's rule as the host shows one that nobody catches."""
    error.add_note(
        f"adaptive: in the rule for {site.family} at unit {site.unit} of "
        f"{site.code.co_qualname}; the site stays as it is"
    )
    unraisable(error, site.family)
    return 0


ctypedef int (*report_type)(object, Site) noexcept


cdef void unraisable(error, str family):
    """sys.unraisablehook for the error."""
    cdef object kind = type(error)
    PyErr_SetObject(<PyObject *>kind, <PyObject *>error)
    PyErr_WriteUnraisable(<PyObject *>family)


cdef object new_site():
    """Raises MemoryError."""
    return Site.__new__(Site)


ctypedef PyObject *(*new_site_type)() noexcept


cdef void attempt(
    HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp, int oparg
) noexcept:
    """`specialize`, where Python objects are allowed."""
    cdef Site site
    cdef PyObject *made = (<new_site_type>new_site)()
    if made is NULL:
        PyErr_Clear()
        store_counter(at, counter_restart(load_counter(at)))
        return
    site = <Site>made
    Py_DECREF(made)
    site.frame = frame
    site.state = state
    site.at = at
    site.sp = sp
    site.op = unit_op(load_unit(at))
    site.oparg = oparg
    site.family = isa.INSTRUCTIONS[base_of_unit(at)].name
    decide(site)
    site.at = NULL


ctypedef void (*attempt_type)(
    HostFrame *, CodeState *, uint16_t *, PyObject **, int
) noexcept nogil


cdef void specialize(
    HostFrame *frame, CodeState *state, uint16_t *next, PyObject **sp, int oparg
) noexcept nogil:
    """The counter in front of `next` has triggered.  The frame is synced.

    The interpreter lock is held: the loop only looks as if it did without.  Nothing
    is tried while the package's own code runs already, while a signal waits, whose
    handler would run inside the rule, near the end of the recursion limit, while the
    interpreter is taken down, when the rules may have lost their names already, or
    while another tool's hook stands in place of ours, which would be told of the rule's
    own frames; nor under an instrumented opcode, whose counter stays as it is (M5).
    """
    global own_thread
    cdef uint16_t *at = next - 1
    cdef PyThreadState *ts = PyThreadState_Get()
    cdef int collecting
    if is_instrumented(unit_op(load_unit(at))):
        return
    if (
        own_thread is not NULL
        or host_work_pending(ts)
        or host_recursion_left(ts) < ops.RULE_DEPTH
        or host_finalizing()
        or not host_hook_is(ts, own_hook)
    ):
        store_counter(at, counter_pause(load_counter(at)))
        return
    counts.attempts += 1
    own_thread = ts
    # What the rule allocates must not be what starts a collection of the program's.
    collecting = PyGC_Disable()
    (<attempt_type>attempt)(frame, state, at, sp, oparg)
    if collecting:
        PyGC_Enable()
    own_thread = NULL


cdef inline void count_down(
    HostFrame *frame, CodeState *state, uint16_t *next, PyObject **sp, int oparg
) noexcept nogil:
    """One more execution of an adaptive instruction in its base form."""
    cdef uint16_t counter = load_counter(next - 1)
    if ADAPTIVE_STATS:
        count_generic(state, next - 1, sp, oparg)
    if unlikely(counter_triggers(counter)):
        specialize(frame, state, next, sp, oparg)
    else:
        store_counter(next - 1, counter_advance(counter))


cdef inline bint passes(bint guard) noexcept nogil:
    """What a guard says; in the stress build it sometimes fails for no reason."""
    if ADAPTIVE_STRESS:
        return guard and not misses_on_purpose()
    return likely(guard)
