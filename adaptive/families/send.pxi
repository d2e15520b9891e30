# SEND: receiver value -- receiver result.  Text of _core.pyx.

cdef inline PySendResult send(PyObject **sp, PyObject **result) noexcept nogil:
    """Sends sp[-1] into sp[-2]; the stack is not touched."""
    if Py_IS_TYPE(sp[-2], &_PyAsyncGenASend_Type):
        return host_send_to_asend(sp[-2], sp[-1], result)
    return PyIter_Send(sp[-2], sp[-1], result)


# -- FOR_ITER_GEN, SEND_GEN: the generator's frame runs in the same loop

# On the data stack while a generator runs that the loop resumed: how to go on after it.
ctypedef struct ResumeRecord:
    uint16_t *next          # the resuming frame's next unit, where the generator yields
    uint16_t *after         # ... and where it is done
    CodeState *state        # the resuming frame's code
    size_t is_send          # whether what it returns is wanted

cdef enum:
    RESUME_WORDS = 4        # of the data stack; _begin checks it


cdef inline CodeState *resumable(
    PyThreadState *ts, PyObject *generator
) noexcept nogil:
    """The code of a generator or coroutine that can be resumed here, or NULL."""
    cdef CodeState *state
    if unlikely(not (PyGen_CheckExact(generator) or PyCoro_CheckExact(generator))):
        return NULL
    if unlikely(not host_can_resume(generator)):
        return NULL
    state = known_state(host_generator_code(generator))
    if unlikely(state is NULL or state.status != READY):
        return NULL
    return state if likely(host_hook_is(ts, eval_frame)) else copy_for_call(ts, state)


cdef inline bint note_resume(
    PyThreadState *ts, CodeState *state, uint16_t *next, uint16_t *after, bint is_send
) noexcept nogil:
    """Puts the record on the data stack; False if there is no room."""
    cdef ResumeRecord *record = <ResumeRecord *>host_push_words(ts, RESUME_WORDS)
    if unlikely(record is NULL):
        return False
    record.next = next
    record.after = after
    record.state = state
    record.is_send = is_send
    return True


cdef inline uint16_t *resume_unit(CodeState *state, HostFrame *frame) noexcept nogil:
    """Where a suspended or new frame goes on."""
    cdef int index = host_next(frame)
    return state.units if index <= 0 else state.units + unit_of(state, index)


cdef int fill_send(Site site, int form) noexcept:
    cdef PyObject *receiver = site.sp[-2]
    if not (PyGen_CheckExact(receiver) or PyCoro_CheckExact(receiver)):
        return ops.REASON_NO_FORM_FOR_TYPES
    return GO_ON
