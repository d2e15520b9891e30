# Thread copies: code units of a thread's own.  Text of _core.pyx.
#
# While copies are on, each thread but the main one runs, and so specializes, copies of
# its own, made when it first enters a code object.  A copy is a whole `CodeState`, so
# that the loop, which goes on in the state that it was given, knows nothing of copies:
# a state is chosen where a frame is entered, and only there.  Between instructions a
# frame speaks in host indices (I1), so that a generator goes on in the copy of the
# thread that resumes it.
#
# Copies are on exactly while another hook, `eval_frame_with_copies`, stands in place of
# `eval_frame`.  Calls from engine code look at the hook anyway, so that what is off
# costs nothing.
#
# Indices.  The main thread has index 0 and runs the main copy, which is the state that
# the code object carries.  Another thread takes the smallest free index when it first
# needs one, and gives it back when the host clears its thread state.  A thread that
# takes an index over goes on in the copies that its predecessor left.
#
# All of it happens under the interpreter lock.
# Source: CPython 3.14, pycore_index_pool.h and codeobject.c (thread-local bytecode).

from libc.stdint cimport uint64_t
from libc.string cimport memset

cdef enum:
    MAIN_INDEX = 0
    NO_INDEX = -1
    LEAST_INDICES = 8       # the pool begins with room for so many

ctypedef struct CopyCounts:
    unsigned long long made
    unsigned long long freed
    Py_ssize_t bytes        # that live copies take now

cdef CopyCounts copy_counts
cdef EvalFrame own_hook = eval_frame    # which of the two hooks is to be installed
cdef CodeState *copied = NULL           # main copies of code that has others: a list


# -- the pool of indices

cdef unsigned char *index_taken = NULL          # by index: a live thread has it
cdef Py_ssize_t index_capacity = 0
cdef Py_ssize_t lowest_index = MAIN_INDEX + 1   # no smaller one is free

# The thread that asked last, so that only a switch of threads looks its index up.
cdef uint64_t asked_thread = 0
cdef Py_ssize_t asked_index = NO_INDEX
cdef uint64_t ended_thread = 0          # gave its index back last; it takes no other


cdef bint grow_indices() noexcept:
    """Room for twice as many; False, with nothing changed, without memory."""
    global index_taken, index_capacity
    cdef Py_ssize_t capacity = max(2 * index_capacity, LEAST_INDICES)
    cdef unsigned char *grown = <unsigned char *>PyMem_RawRealloc(index_taken, capacity)
    if grown is NULL:
        return False
    memset(grown + index_capacity, 0, capacity - index_capacity)
    index_taken = grown
    index_capacity = capacity
    return True


cdef Py_ssize_t take_index() noexcept:
    """The smallest free index; NO_INDEX without memory.

    The room to note that it is free again is there from then on: giving it back cannot
    fail.
    """
    global lowest_index
    cdef Py_ssize_t index = lowest_index
    while index < index_capacity and index_taken[index]:
        index += 1
    if index >= index_capacity and not grow_indices():
        return NO_INDEX
    index_taken[index] = True
    lowest_index = index + 1
    return index


cdef void give_index_back(Py_ssize_t index) noexcept:
    global lowest_index
    index_taken[index] = False
    lowest_index = min(lowest_index, index)


cdef class ThreadIndex:
    """A thread's index.  Its thread state's dict owns it, and lets it go at its end."""
    cdef Py_ssize_t index
    cdef uint64_t thread

    def __cinit__(self):
        self.index = NO_INDEX

    def __dealloc__(self):
        global asked_thread, ended_thread
        if self.index != NO_INDEX:
            give_index_back(self.index)
            ended_thread = self.thread
            asked_thread = 0


cdef Py_ssize_t find_index(PyThreadState *ts) except? NO_INDEX:
    """The index that the running thread has, or takes now.

    NO_INDEX, with or without an exception: no memory, or the thread ends already.
    """
    cdef PyObject *names = host_thread_dict()
    cdef ThreadIndex held
    if names is NULL:
        return NO_INDEX
    held = (<dict>names).get(ThreadIndex)
    if held is None:
        if host_is_main_thread(ts):
            return MAIN_INDEX
        if host_thread_id(ts) == ended_thread:
            return NO_INDEX
        held = ThreadIndex()
        held.thread = host_thread_id(ts)
        (<dict>names)[ThreadIndex] = held
    if held.index == NO_INDEX:
        held.index = take_index()
    return held.index


ctypedef Py_ssize_t (*find_index_type)(PyThreadState *) noexcept


cdef Py_ssize_t look_index_up(PyThreadState *ts) noexcept:
    """`find_index`, noted for the next time; NO_INDEX without memory."""
    global asked_thread, asked_index
    cdef Py_ssize_t index = (<find_index_type>find_index)(ts)
    if index == NO_INDEX:
        PyErr_Clear()
    else:
        asked_thread = host_thread_id(ts)
        asked_index = index
    return index


# -- the copies of one code object

cdef inline CodeState *copy_at(CodeState *state, Py_ssize_t index) noexcept nogil:
    """The copy at the index, or NULL."""
    if index >= copy_room(state):
        return NULL
    return state.rare.copies.by_index[index]


cdef inline Py_ssize_t copy_room(CodeState *state) noexcept nogil:
    """The indices below it may have copies."""
    if state.rare is NULL or state.rare.copies is NULL:
        return 0
    return state.rare.copies.capacity


cdef bint grow_copies(CodeState *state, Py_ssize_t index) noexcept:
    """Room for a copy at the index, by doubling; False without memory."""
    cdef Copies *copies
    cdef Py_ssize_t capacity
    cdef CodeState **grown
    if need_rare(state) is NULL:
        return False
    copies = state.rare.copies
    if copies is NULL:
        copies = <Copies *>calloc(1, sizeof(Copies))
        if copies is NULL:
            return False
        state.rare.copies = copies
        link_copied(state)
    capacity = max(copies.capacity, LEAST_INDICES)
    while capacity <= index:
        capacity *= 2
    grown = <CodeState **>PyMem_RawRealloc(
        copies.by_index, capacity * sizeof(CodeState *)
    )
    if grown is NULL:
        return False
    memset(
        grown + copies.capacity, 0,
        (capacity - copies.capacity) * sizeof(CodeState *)
    )
    copies.by_index = grown
    copies.capacity = capacity
    return True


cdef void link_copied(CodeState *state) noexcept:
    """Puts a main copy into the list of those that have others."""
    global copied
    state.rare.copies.next = copied
    if copied is not NULL:
        copied.rare.copies.previous = state
    copied = state


cdef void unlink_copied(CodeState *state) noexcept:
    global copied
    cdef Copies *copies = state.rare.copies
    if copies.previous is NULL:
        copied = copies.next
    else:
        copies.previous.rare.copies.next = copies.next
    if copies.next is not NULL:
        copies.next.rare.copies.previous = copies.previous


cdef Py_ssize_t bytes_of_copy(CodeState *state) noexcept:
    """Of what every copy has; a byte more per unit is there once tools have asked."""
    return (
        sizeof(CodeState) + <Py_ssize_t>CodeUnits.__basicsize__
        + 2 * state.length * sizeof(uint16_t)
    )


cdef int add_copy(CodeState *state, Py_ssize_t index) except -1:
    """Gives the code a copy at the index: base opcodes, counters not begun.

    What tools have instrumented stays so.  Raises MemoryError.
    """
    cdef CodeUnits units = (<CodeUnits>state.owner).fresh_copy()
    cdef CodeState *copy
    # Making objects may have run code that made the copy.
    if copy_at(state, index) is not NULL:
        return 0
    if index >= copy_room(state) and not grow_copies(state, index):
        raise MemoryError
    if is_prepared(state):
        units.remember_bases()
    copy = <CodeState *>PyMem_RawMalloc(sizeof(CodeState))
    if copy is NULL:
        raise MemoryError
    copy[0] = state[0]
    copy.is_listed = False
    copy.before = NULL
    copy.after = NULL
    copy.quickened = False
    copy.units = units.units
    Py_INCREF(<PyObject *>units)
    copy.owner = <void *>units
    state.rare.copies.by_index[index] = copy
    # Making the units may also have run code that asked for events.
    if is_prepared(state):
        settle_units(copy)
    copy_counts.made += 1
    copy_counts.bytes += bytes_of_copy(copy)
    return 0


ctypedef int (*add_copy_type)(CodeState *, Py_ssize_t) noexcept


cdef void free_copy(CodeState *state, Py_ssize_t index) noexcept:
    """Frees what is at the index, if anything is; no frame runs on it."""
    cdef CodeState *copy = state.rare.copies.by_index[index]
    if copy is NULL:
        return
    state.rare.copies.by_index[index] = NULL
    copy_counts.freed += 1
    copy_counts.bytes -= bytes_of_copy(copy)
    Py_DECREF(<PyObject *>copy.owner)
    PyMem_RawFree(copy)


cdef void free_copies(CodeState *state) noexcept:
    """Frees all copies but the main one: the code dies, so that no frame runs it."""
    cdef Py_ssize_t index
    if state.rare is NULL or state.rare.copies is NULL:
        return
    for index in range(state.rare.copies.capacity):
        free_copy(state, index)
    forget_copies(state)


cdef void forget_copies(CodeState *state) noexcept:
    """The code has no copies but the main one."""
    unlink_copied(state)
    PyMem_RawFree(state.rare.copies.by_index)
    free(state.rare.copies)
    state.rare.copies = NULL


# -- which copy a frame is entered on

cdef CodeState *find_copy(PyThreadState *ts, CodeState *state) noexcept:
    """`own_copy` where Python objects are allowed; keeps a pending exception."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    cdef Py_ssize_t index
    cdef CodeState *copy = NULL
    PyErr_Fetch(&kind, &value, &traceback)
    index = look_index_up(ts)
    if index == MAIN_INDEX:
        copy = state
    elif index != NO_INDEX and (<add_copy_type>add_copy)(state, index) == 0:
        copy = state.rare.copies.by_index[index]
    # Clears what making the copy has raised.
    PyErr_Restore(kind, value, traceback)
    return copy


ctypedef CodeState *(*find_copy_type)(PyThreadState *, CodeState *) noexcept nogil


cdef CodeState *own_copy(PyThreadState *ts, CodeState *state) noexcept nogil:
    """The running thread's copy of what `state` is the main copy of, made if need be.

    NULL, with nothing changed and no exception: there is no memory for it, or the
    thread is at its end and has given its index back.
    """
    cdef CodeState *copy
    if likely(host_thread_id(ts) == asked_thread):
        if asked_index == MAIN_INDEX:
            return state
        copy = copy_at(state, asked_index)
        if likely(copy is not NULL):
            return copy
    # The lock is held: the loop only looks as if it did without.
    return (<find_copy_type>find_copy)(ts, state)


cdef CodeState *copy_for_call(PyThreadState *ts, CodeState *state) noexcept nogil:
    """What a call from engine code enters while `eval_frame` is not the hook.

    NULL while another tool's hook stands in place of ours, or as `own_copy`.
    """
    if not host_hook_is(ts, eval_frame_with_copies):
        return NULL
    return own_copy(ts, state)


cdef PyObject *eval_frame_with_copies(
    PyThreadState *ts, HostFrame *frame, int throwflag
) noexcept nogil:
    """The hook while copies are on."""
    return enter(ts, frame, throwflag, True)


# -- as Python sees it

def set_thread_copies(bint on):
    """Whether threads run copies of their own.  RuntimeError while the engine is on."""
    global own_hook
    if engine_on:
        raise RuntimeError("adaptive: disable the engine before changing thread copies")
    own_hook = eval_frame_with_copies if on else eval_frame


def copies_of(code):
    """The code's `CodeUnits` by thread index, the main copy first.

    None where there is none.  Empty if the code is declined; it is lowered if need be.
    """
    cdef CodeState *state = need_state(code)
    cdef CodeState *copy
    cdef list found
    cdef Py_ssize_t index
    if units_of(code) is None:
        return ()
    found = [<object>state.owner]
    for index in range(1, copy_room(state)):
        copy = state.rare.copies.by_index[index]
        found.append(None if copy is NULL else <object>copy.owner)
    while found[-1] is None:
        found.pop()
    return tuple(found)


def thread_index():
    """The running thread's index, taken now if it had none; None if there is no memory.
    """
    cdef Py_ssize_t index = look_index_up(PyThreadState_Get())
    return None if index == NO_INDEX else index


def taken_indices():
    """The indices of live threads, the main thread's first."""
    return (
        MAIN_INDEX,
        *[index for index in range(1, index_capacity) if index_taken[index]],
    )


def clear_copies():
    """Frees the copies of threads that have ended; how many there were.

    A thread that lives keeps its copies, because its frames may run on them.
    """
    cdef CodeState *state = copied
    cdef CodeState *following
    cdef Py_ssize_t index
    cdef bint kept
    cdef unsigned long long before = copy_counts.freed
    while state is not NULL:
        following = state.rare.copies.next
        kept = False
        for index in range(state.rare.copies.capacity):
            if index < index_capacity and index_taken[index]:
                kept = kept or state.rare.copies.by_index[index] is not NULL
            else:
                free_copy(state, index)
        if not kept:
            forget_copies(state)
        state = following
    return copy_counts.freed - before


def copy_counters():
    """Copies made and freed since the process began, and the bytes of those left."""
    return {
        "made": copy_counts.made, "freed": copy_counts.freed, "bytes": copy_counts.bytes
    }
