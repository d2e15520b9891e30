# Tools: who they are, what they ask for, what they are called with.  Text of _core.pyx.
#
# Builtin functions, as in the host: no Python frame of ours shows in what is told.
# Source: instrumentation.c of CPython 3.12 and 3.13 (PEP 669).

from cpython.number cimport PyNumber_Index
from sys import audit
from types import CodeType

cdef list tool_names = [None] * ops.TOOL_COUNT

cdef enum:
    C_EVENTS = 1 << ops.EVENT_C_RETURN | 1 << ops.EVENT_C_RAISE
    CALL_EVENTS = C_EVENTS | 1 << ops.EVENT_CALL


def marks():
    """DISABLE, which a tool returns, and MISSING, which it is given."""
    return <object>disable_mark, <object>missing_mark


cdef int known_tool(value) except -1:
    """The tool's number; ValueError for one that cannot be."""
    cdef int tool = PyNumber_Index(value)
    if not 0 <= tool < ops.TOOL_COUNT:
        raise ValueError(
            f"invalid tool {tool} (must be between 0 and {ops.TOOL_COUNT - 1})"
        )
    return tool


cdef int used_tool(value) except -1:
    """The same; ValueError too for one that nobody uses."""
    cdef int tool = known_tool(value)
    if tool_names[tool] is None:
        raise ValueError(f"tool {tool} is not in use")
    return tool


cdef CodeState *state_to_watch(code) except NULL:
    if not isinstance(code, CodeType):
        raise TypeError("code must be a code object")
    return need_state(code)


cdef int without_c_events(int events) except? -1:
    """The set of events; C_RETURN and C_RAISE come with CALL.  ValueError alone."""
    if events & C_EVENTS:
        if events & CALL_EVENTS != CALL_EVENTS:
            raise ValueError("cannot set C_RETURN or C_RAISE events independently")
        events &= ~C_EVENTS
    return events


cdef int set_of(uint8_t *tools, int count, int tool) noexcept:
    """The events that the tool has asked for."""
    cdef int events = 0, event
    for event in range(count):
        if tools[event] >> tool & 1:
            events |= 1 << event
    return events


cdef void ask(uint8_t *tools, int count, int tool, int events) noexcept:
    """The tool asks for these events, and for no others."""
    cdef int event
    for event in range(count):
        tools[event] = (tools[event] & ~(1 << tool)) | (events >> event & 1) << tool


cdef int ask_everywhere(int tool, int events) except -1:
    global watching, watching_exceptions
    ask(global_tools, ops.EVENT_COUNT, tool, events)
    watching = watching_exceptions = False
    for event in range(ops.EVENT_COUNT):
        if global_tools[<int>event]:
            watching = True
            watching_exceptions |= event >= ops.LOCAL_EVENT_COUNT
    return apply_everywhere(False)


cdef int forget_local(int tool) except -1:
    """The tool asks for nothing in any one code object."""
    cdef CodeState *state = first_listed
    while state is not NULL:
        if state.watch is not NULL:
            ask(state.watch.asked, ops.LOCAL_EVENT_COUNT, tool, 0)
            apply_events(state, False)
        state = state.after
    return 0


def use_tool_id(tool_id, name, /):
    """Take a tool's number, under a name.

    Raises ValueError for a number that is none or is taken, or a name that is no str.
    """
    cdef int tool = known_tool(tool_id)
    if not isinstance(name, str):
        raise ValueError("tool name must be a str")
    if tool_names[tool] is not None:
        raise ValueError(f"tool {tool} is already in use")
    tool_names[tool] = name


def clear_tool_id(tool_id, /):
    """Take back all events that a tool has asked for, and all its functions."""
    cdef int tool = known_tool(tool_id)
    if tool_names[tool] is None:
        return
    ask_everywhere(tool, 0)
    forget_local(tool)
    for event in range(ops.EVENT_COUNT):
        exchange_callback(tool, event, None)


def free_tool_id(tool_id, /):
    """Give a tool's number back, its events and functions with it."""
    clear_tool_id(tool_id)
    tool_names[known_tool(tool_id)] = None


def get_tool(tool_id, /):
    """The name under which a tool's number is used, or None."""
    return tool_names[known_tool(tool_id)]


cdef object exchange_callback(int tool, int event, function):
    """The function that was called for the event until now, or None."""
    cdef PyObject *old = callbacks[tool][event]
    callbacks[tool][event] = NULL
    if function is not None:
        Py_INCREF(<PyObject *>function)
        callbacks[tool][event] = <PyObject *>function
    if old is NULL:
        return None
    known = <object>old
    Py_DECREF(old)
    return known


def register_callback(tool_id, event, func, /):
    """Call `func` for one event of a tool, or nothing if it is None.

    Returns what was called until now, or None.  Raises ValueError for a tool that
    cannot be or an event that is not exactly one.
    """
    cdef int tool = known_tool(tool_id)
    cdef int events = PyNumber_Index(event)
    if events <= 0 or events & (events - 1):
        raise ValueError("The callback can only be set for one event at a time")
    if events >= 1 << ops.EVENT_COUNT:
        raise ValueError(f"invalid event {events}")
    audit("sys.monitoring.register_callback", func)
    return exchange_callback(tool, events.bit_length() - 1, func)


def get_events(tool_id, /):
    """The events that a tool has asked for everywhere."""
    return set_of(global_tools, ops.EVENT_COUNT, known_tool(tool_id))


def set_events(tool_id, event_set, /):
    """Tell a tool these events, and no others, of all code that the engine runs.

    Raises ValueError for a tool that nobody uses or events that are none.
    """
    cdef int tool = known_tool(tool_id)
    cdef int events = PyNumber_Index(event_set)
    if not 0 <= events < 1 << ops.EVENT_COUNT:
        raise ValueError(f"invalid event set 0x{<unsigned int>events:x}")
    events = without_c_events(events)
    ask_everywhere(used_tool(tool), events)


def get_local_events(tool_id, code, /):
    """The events that a tool has asked for in one code object."""
    cdef int tool = known_tool(tool_id)
    cdef CodeState *state = state_to_watch(code)
    if state.watch is NULL:
        return 0
    return set_of(state.watch.asked, ops.LOCAL_EVENT_COUNT, tool)


def set_local_events(tool_id, code, event_set, /):
    """Tell a tool these events, and no others, of one code object.

    They add to those that it is told of all code.  The engine runs the code from its
    next call on, if it can at all.  Raises as `set_events`, ValueError too for an event
    that is not one of a place in the code, TypeError for what is no code object.
    """
    cdef int tool = used_tool(tool_id)
    cdef CodeState *state = state_to_watch(code)
    cdef int events = without_c_events(PyNumber_Index(event_set))
    if not 0 <= events < 1 << ops.LOCAL_EVENT_COUNT:
        raise ValueError(f"invalid local event set 0x{<unsigned int>events:x}")
    ask(watch_of(state).asked, ops.LOCAL_EVENT_COUNT, tool, events)
    if state.status == COLD:
        lower_code(state, <PyCodeObject *><PyObject *>code)
    apply_events(state, False)


def restart_events():
    """Tell what tools have disabled at single places in the code again."""
    apply_everywhere(True)


def _all_events():
    """The tools that have asked for each event everywhere, as bits, by its name."""
    return {
        name: global_tools[<int>event]
        for event, name in enumerate(isa.EVENTS) if global_tools[<int>event]
    }
