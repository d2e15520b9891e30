# The callee table: from a function to the state of its code, in one read.
# Text of _core.pyx.

cdef enum:
    ANY_CODE = 0        # no code that is ready and can be pushed has this version


# The codes that are entered, by the site's version or, at sites of any code and where
# there is no site, by the function's or the code's own address.  The way from the
# function to its code's state is four reads, each of which waits for the last; what
# stands here is known at once, and only compared.  Another code whose version falls on
# the same entry is as welcome at a site.
cdef struct Callee:
    PyCodeObject *code      # borrowed: forget_callee takes it out when it dies
    CodeState *state        # its main copy, which can be pushed

cdef enum:
    CALLEES = 4096

cdef Callee[CALLEES] callees


cdef inline Callee *callee_by_address(PyObject *key) noexcept nogil:
    """The entry for a function or a code."""
    return &callees[(<size_t>key >> 4) % CALLEES]


cdef inline void forget_callee_at(Callee *known, CodeState *state) noexcept nogil:
    if known.state is state:
        known.code = NULL
        known.state = NULL


cdef void forget_callee(CodeState *state) noexcept nogil:
    """The state is about to be freed."""
    cdef int i
    forget_callee_at(&callees[state.version % CALLEES], state)
    if state.is_callee_of_many:
        for i in range(CALLEES):
            forget_callee_at(&callees[i], state)


cdef inline void enter_callee(
    Callee *known, PyCodeObject *code, CodeState *state, bint by_address
) noexcept nogil:
    """The entry's last one gives way.  By its version a dying state finds its entry."""
    if by_address:
        state.is_callee_of_many = True
    known.code = code
    known.state = state


cdef CodeState *find_callee(
    Callee *known, PyCodeObject *code, unsigned int version
) noexcept nogil:
    """What cached_callee looks for where the table has another's."""
    cdef CodeState *state = state_of(code)
    if state is NULL or not state.pushable:
        return NULL
    if version != ANY_CODE and state.version != version:
        return NULL
    enter_callee(known, code, state, version == ANY_CODE)
    return state


cdef CodeState *learn_state(Callee *known, PyCodeObject *code) noexcept nogil:
    """What known_state looks for where the table has another's."""
    cdef CodeState *state = state_of(code)
    if state is not NULL and state.pushable:
        enter_callee(known, code, state, True)
    return state


cdef inline CodeState *known_state(PyCodeObject *code) noexcept nogil:
    """`state_of`, for code that is entered again and again."""
    cdef Callee *known = callee_by_address(<PyObject *>code)
    if likely(known.code is code):
        return known.state
    return learn_state(known, code)


cdef CodeState *learn_callee(Callee *known, PyCodeObject *code) noexcept nogil:
    """What callee_of looks for where the table has another's."""
    cdef CodeState *state = ready_callee(code)
    if state is not NULL:
        enter_callee(known, code, state, True)
    return state


cdef inline CodeState *callee_of(PyThreadState *ts, PyObject *callable) noexcept nogil:
    """`callee_state` for a plain function that is called again and again without a site
    of its own: what a type's special methods are."""
    cdef Callee *known = callee_by_address(callable)
    cdef CodeState *state = known.state
    cdef PyCodeObject *code = <PyCodeObject *>(<PyFunctionObject *>callable).func_code
    if unlikely(known.code is not code):
        state = learn_callee(known, code)
        if state is NULL:
            return NULL
    return state if likely(host_hook_is(ts, eval_frame)) else copy_for_call(ts, state)


cdef inline CodeState *cached_callee(
    PyThreadState *ts, PyObject *callable, uint16_t *next
) noexcept nogil:
    """The code of a plain function that the site's cache speaks of, or NULL.

    It speaks of any that is ready where functions of many codes have come by.
    """
    cdef uint32_t version = cached_u32(next, ops.CALL_FUNCTION_VERSION_CELL)
    cdef Callee *known = (
        &callees[version % CALLEES] if version != ANY_CODE
        else callee_by_address(callable)
    )
    cdef CodeState *state = known.state
    cdef PyCodeObject *code
    if unlikely(not host_runs_code(callable)):
        return NULL
    code = <PyCodeObject *>(<PyFunctionObject *>callable).func_code
    if unlikely(known.code is not code):
        state = find_callee(known, code, version)
        if state is NULL:
            return NULL
    return state if likely(host_hook_is(ts, eval_frame)) else copy_for_call(ts, state)
