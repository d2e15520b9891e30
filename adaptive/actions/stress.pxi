# Stress modes: rare states provoked on purpose, compiled into `_core_stress` only.
# Text of _core.pyx.

cdef unsigned int stress_random = 1     # state of a xorshift generator
cdef unsigned int bail_one_in = 0       # 0: off
cdef unsigned int gc_every = 0          # instructions; 0: off
cdef unsigned int gc_left = 0
cdef unsigned int miss_one_in = 0       # 0: off


cdef unsigned int next_random() noexcept nogil:
    """The next number of the seeded sequence (Marsaglia's xorshift32)."""
    global stress_random
    stress_random ^= stress_random << 13
    stress_random ^= stress_random >> 17
    stress_random ^= stress_random << 5
    return stress_random


cdef int stress_tick(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next, PyObject **sp
) noexcept nogil:
    """Between two instructions: GO_ON, or the reason to hand the frame over."""
    global gc_left
    cdef int found
    if has_depths(state):
        found = check_tick(ts, frame, state, next, sp)
        if unlikely(found != GO_ON):
            return found
    if gc_every:
        gc_left -= 1
        if gc_left == 0:
            gc_left = gc_every
            sync(frame, state, next)
            PyGC_Collect()
    if bail_one_in and next_random() % bail_one_in == 0:
        return ops.REASON_STRESS
    return GO_ON


cdef bint misses_on_purpose() noexcept nogil:
    """Whether a guard that holds is to fail all the same."""
    return miss_one_in != 0 and next_random() % miss_one_in == 0
