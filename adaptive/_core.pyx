"""The engine: the frame-evaluation hook and the dispatch loop.

Owns: the hook (PEP 523), the loop, frames pushed and popped in it, counters.  Does not
own: what an instruction does in detail (families/, actions/), how the host lays things
out (_host.h), which code units a code object has (lowering/), when to do what
(`plug_in` fills those slots).  Called by the host; `__init__` switches it on.

The laws of the loop:

I1  At a host instruction boundary the frame is exactly what the host expects there, so
    `hand_over` may give it to the host's evaluator at any of them.
I2  What the engine does not know it declines or hands over, for a named reason.
I4  Before an instruction that can raise or run other code, `sync` stores which host
    instruction executes.  The stack depth need not be stored: while a frame runs, the
    host keeps none either.
I5  A pointer is only cached where its guard keeps it alive, or finds it in use.

A handler takes the stack pointer and returns the new one, or NULL with an exception and
its operands still on the stack for the unwinder.  An arm ends by falling out of the
chain (fetch the next unit), by `arms.to_X()` (go on in the arm of X with the oparg), or
by `break` (the frame goes to the host for reason `leaving`, or an exception passes).
The chain is a C switch, which only the loop's beginning, the unwinder and EXTENDED_ARG
go through; from arm to arm it is threaded code (`_arms.pxd`, written by setup.py).
"""

from adaptive cimport _arms as arms
from adaptive cimport _ops as ops
from adaptive._cache cimport *
from adaptive._host cimport *

cdef extern from *:
    """
    #ifndef ADAPTIVE_TRAINED
    #define ADAPTIVE_TRAINED 0
    #endif
    """
    const int ADAPTIVE_STRESS
    const int ADAPTIVE_STATS
    const int ADAPTIVE_TRAINED

# Whether this was compiled with a profile of itself (bench/trained_build.py): 1, else
# 0, or -1 where that was tried and failed.  No branch may depend on it: a profile fits
# only the control flow that it was taken of.
TRAINED = ADAPTIVE_TRAINED

# What `leaving` says besides a reason to hand the frame to the host.
cdef enum:
    GO_ON = -2
    FAILED = -1

ctypedef struct Counts:
    unsigned long long entries              # of the loop, from C
    unsigned long long calls_inlined
    unsigned long long calls_through_host
    unsigned long long lowered
    unsigned long long quickened
    unsigned long long attempts             # sites that were tried
    unsigned long long[256] specialized     # by form
    unsigned long long[ops.REASON_COUNT] refused
    unsigned long long[ops.REASON_COUNT] frames_host
    unsigned long long[ops.REASON_COUNT] bailouts

cdef Counts counts
cdef Py_ssize_t extra_index = -1
cdef int threshold = 0              # calls before code is lowered
cdef bint engine_on = False         # the hook is installed
cdef bint run_everything = False    # not only what @specialize marked
cdef EvalFrame previous_hook = _PyEval_EvalFrameDefault    # runs what we do not
cdef int left_reason = 0            # why `warm` left the last frame to the host
cdef PyThreadState *own_thread = NULL   # the thread that runs the package's own code
cdef PyObject *host_work = NULL     # strong: see do_pending_work
cdef PyObject *host_reraise = NULL  # strong: see call_intrinsic_2
cdef PyObject *empty_tuple = NULL   # strong
# The slots of classes with a Python-level __init__, and __getitem__.
cdef initproc python_init = NULL
cdef binaryfunc python_subscript = NULL
cdef PyObject *dict_getitem = NULL          # dict.__getitem__; its type keeps it

include "actions/names_table.pxi"
include "actions/frames.pxi"
include "actions/names.pxi"
include "actions/containers.pxi"
include "actions/formatting.pxi"
include "actions/functions.pxi"
include "actions/binding.pxi"
include "actions/exceptions.pxi"
include "actions/imports.pxi"
include "actions/awaiting.pxi"
include "actions/matching.pxi"
include "actions/attributes.pxi"
include "actions/callees.pxi"
include "actions/quickening.pxi"
include "actions/specializing.pxi"
include "actions/counting.pxi"
include "families/extensions.pxi"
include "families/binary_op.pxi"
include "families/compare_op.pxi"
include "families/contains_op.pxi"
include "families/to_bool.pxi"
include "families/load_global.pxi"
include "families/load_attr.pxi"
include "families/store_attr.pxi"
include "families/store_subscr.pxi"
include "families/unpack_sequence.pxi"
include "families/for_iter.pxi"
include "families/send.pxi"
include "families/call.pxi"
include "actions/fused.pxi"
include "actions/checking.pxi"
include "actions/telling.pxi"
include "actions/monitoring.pxi"
include "actions/stress.pxi"


cdef int look_closer(PyThreadState *ts) noexcept nogil:
    """Does what is pending; GO_ON, FAILED, or why frames must go to the host.

    When tools look on, the host does it: they must not see a function of ours.
    """
    cdef int outcome = GO_ON
    if host_work_pending(ts) and not host_tracing(ts):
        outcome = do_pending_work(ts)
    if outcome == GO_ON and host_tracing(ts):
        return ops.REASON_TRACING
    return outcome


cdef inline bint must_look(PyThreadState *ts) noexcept nogil:
    """Whether something is pending, or tools look on."""
    return unlikely(host_work_pending(ts)) or unlikely(host_tracing(ts))


cdef inline int look_around(PyThreadState *ts) noexcept nogil:
    """What the host does after calls, on backward jumps and at function entry."""
    return look_closer(ts) if unlikely(must_look(ts)) else GO_ON


cdef PyObject **act(
    int op, int oparg, PyThreadState *ts, HostFrame *frame, PyObject **sp
) noexcept nogil:
    """The instructions that only turn one stack into another, and are not hot.

    Out of the loop, so that its registers stay free.  The new sp, or NULL with an
    exception and the operands still there.
    """
    if op == ops.DELETE_ATTR:
        return delete_attr(sp, name_at(frame, oparg))
    elif op == ops.DELETE_SUBSCR:
        return delete_subscr(sp)
    elif op == ops.UNPACK_EX:
        return unpack_ex(sp, oparg)
    elif op == ops.GET_AWAITABLE:
        return get_awaitable(sp, oparg)
    elif op == ops.GET_AITER:
        return get_aiter(sp)
    elif op == ops.GET_ANEXT:
        return get_anext(sp)
    elif op == ops.GET_YIELD_FROM_ITER:
        return get_yield_from_iter(sp, frame)
    elif op == ops.LOAD_LOCALS:
        return load_locals(sp, frame)
    elif op == ops.LOAD_FROM_DICT_OR_DEREF:
        return load_from_dict_or_deref(sp, frame, oparg)
    elif op == ops.LOAD_NAME:
        return load_name(sp, frame, oparg)
    elif op == ops.STORE_NAME:
        return store_name(sp, frame, oparg)
    elif op == ops.DELETE_NAME:
        return delete_name(sp, frame, oparg)
    elif op == ops.STORE_GLOBAL:
        return store_global(sp, frame, oparg)
    elif op == ops.DELETE_GLOBAL:
        return delete_global(sp, frame, oparg)
    elif op == ops.LOAD_BUILD_CLASS:
        return load_build_class(sp, frame)
    elif op == ops.SETUP_ANNOTATIONS:
        return setup_annotations(sp, frame)
    elif op == ops.UNARY_NEGATIVE:
        return replace_one(sp, PyNumber_Negative(sp[-1]))
    elif op == ops.UNARY_INVERT:
        return replace_one(sp, PyNumber_Invert(sp[-1]))
    elif op == ops.BUILD_STRING:
        return build_string(sp, oparg)
    elif op == ops.BUILD_SET:
        return build_set(sp, oparg)
    elif op == ops.BUILD_MAP:
        return build_map(sp, oparg)
    elif op == ops.BUILD_CONST_KEY_MAP:
        return build_const_key_map(sp, oparg)
    elif op == ops.SET_ADD:
        return set_add(sp, oparg)
    elif op == ops.MAP_ADD:
        return map_add(sp, oparg)
    elif op == ops.LIST_EXTEND:
        return list_extend(sp, oparg)
    elif op == ops.SET_UPDATE:
        return set_update(sp, oparg)
    elif op == ops.DICT_UPDATE:
        return dict_update(sp, oparg)
    elif op == ops.DICT_MERGE:
        return dict_merge(sp, oparg)
    elif op == ops.CONVERT_VALUE:
        return convert_value(sp, oparg)
    elif op == ops.FORMAT_SIMPLE:
        return format_simple(sp)
    elif op == ops.FORMAT_WITH_SPEC:
        return format_with_spec(sp)
    elif op == ops.MAKE_FUNCTION:
        return make_function(sp, frame)
    elif op == ops.CALL_INTRINSIC_1:
        return call_intrinsic_1(sp, frame, oparg)
    elif op == ops.CALL_INTRINSIC_2:
        return call_intrinsic_2(ts, sp, oparg)
    elif op == ops.CHECK_EXC_MATCH:
        return check_exc_match(sp)
    elif op == ops.CHECK_EG_MATCH:
        return check_eg_match(sp)
    elif op == ops.BEFORE_WITH:
        return before_with(sp)
    elif op == ops.BEFORE_ASYNC_WITH:
        return before_async_with(sp)
    elif op == ops.WITH_EXCEPT_START:
        return with_except_start(sp)
    elif op == ops.IMPORT_NAME:
        return import_name(sp, frame, oparg)
    elif op == ops.IMPORT_FROM:
        return import_from(sp, frame, oparg)
    elif op == ops.GET_LEN:
        return get_len(sp)
    elif op == ops.MATCH_KEYS:
        return match_keys(sp)
    elif op == ops.MATCH_CLASS:
        return match_class(sp, oparg)
    debug_assert(False)     # no lowering makes another unit
    return sp


cdef PyObject *run(
    PyThreadState *ts, HostFrame *frame, CodeState *state, int throwflag
) noexcept nogil:
    """Runs a frame that the host has made, and all frames it calls.

    Its result, or NULL with an exception.  The frame is unlinked then, not cleared
    (ceval.c 3.11, _PyEval_EvalFrameDefault).  With `throwflag` the exception that is
    pending is raised where the frame stands.
    """
    cdef:
        HostFrame *entry = frame
        HostFrame *entered = NULL       # a callee's frame, pushed and bound
        CodeState *callee = NULL
        CallRecord *record
        Handler *handler
        uint16_t *next                  # the unit after the one that executes
        PyObject **sp                   # one past the top of the value stack
        PyObject **top
        PyObject **items
        PyObject **base = NULL
        PyObject *value
        PyObject *result = NULL
        PyObject *made
        PyObject *kwnames = NULL        # between KW_NAMES and its call
        int op, i
        int coming                      # the opcode that is gone to
        int oparg                       # of the unit, as its arm has taken it
        int fetched                     # ... as it was fetched
        int leaving = FAILED
        int reraised = False            # the traceback has this frame; or SILENT
        bint started                    # a finalizer has switched events on
        uint16_t *target                # where a fused conditional jump leads
        Extension *extension
        Attribute *known
        ResumeRecord *resumed
        Py_ssize_t count
        PySendResult sent
        PyObject *received              # its own, so that `value` stays in a register
        Counting place                   # where the counting build is

    arms.declare()
    # The registers are for frame, state, next, sp and oparg.
    keep_in_memory(ts)
    keep_in_memory(entry)
    keep_in_memory(kwnames)
    keep_in_memory(result)
    host_link_entry(ts, frame)
    if unlikely(host_enter_recursion(ts) < 0):
        host_set_current_frame(ts, frame.previous)
        return NULL
    counts.entries += 1
    if ADAPTIVE_STATS:
        begin_place(&place)
    sp = host_take_stack(frame)
    if unlikely(throwflag):
        quicken(state)
        next = state.units + unit_of(state, host_executing(frame)) + 1
        if unlikely(watching_exceptions):
            tell_exception(ts, frame, state, next, ops.EVENT_PY_THROW)
        arms.to_UNWIND()
    else:
        next = state.units
        if host_next(frame) > 0:
            next += unit_of(state, host_next(frame))
        if unlikely(watching_exceptions):
            if tell_end_of_throw(ts, frame, state, next, sp[-1]) < 0:
                arms.to_UNWIND()
        if ADAPTIVE_STATS:
            count_unit(ts, state, next, &place)
        op = unit_op(next[0])
        fetched = unit_arg(next[0])
        next += 1

    while True:
        while True:
            if op == arms.LOAD_FAST_CHECK:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_local(frame, oparg)
                    break
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == arms.LOAD_CONST:
                value = (<PyTupleObject *>frame.f_code.co_consts).ob_item[oparg]
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == arms.STORE_FAST:
                value = frame.localsplus[oparg]
                sp -= 1
                frame.localsplus[oparg] = sp[0]
                if value is not NULL and release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_FAST:
                value = frame.localsplus[oparg]
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == arms.DELETE_FAST:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_local(frame, oparg)
                    break
                frame.localsplus[oparg] = NULL
                if release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.POP_TOP:
                sp -= 1
                if release(sp[0], frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.PUSH_NULL:
                sp[0] = NULL
                sp += 1
            elif op == arms.COPY:
                value = sp[-oparg]
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == arms.SWAP:
                value = sp[-1]
                sp[-1] = sp[-oparg]
                sp[-oparg] = value
            elif op == arms.NOP or op == arms.CACHE:
                pass
            elif op == arms.EXTENDED_ARG:
                if ADAPTIVE_STATS:
                    count_unit(ts, state, next, &place)
                op = unit_op(next[0])
                fetched = oparg << 8 | unit_arg(next[0])
                next += 1
                continue
            elif op == arms.RESUME:
                quicken(state)
                replace_op(next - 1, ops.RESUME, ops.RESUME_CHECK)
                arms.to_RESUME_CHECK()
            elif op == arms.RESUME_CHECK:
                if oparg < 2 and unlikely(must_look(ts)):
                    sync(frame, state, next)
                    leaving = look_closer(ts)
                    if unlikely(leaving != GO_ON):
                        break
            elif op == arms.TO_BOOL:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                if unlikely(to_bool(sp, False) is NULL):
                    break
                next += ops.TO_BOOL_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.TO_BOOL_BOOL:
                value = sp[-1]
                if not passes(value is Py_True or value is Py_False):
                    arms.to_TO_BOOL()
                next += ops.TO_BOOL_CACHE
                target = branch(next, value is Py_True)
                if likely(target is not NULL):
                    next = target
                    sp -= 1
                    Py_DECREF(value)
            elif op == arms.TO_BOOL_INT:
                value = sp[-1]
                if not passes(PyLong_CheckExact(value)):
                    arms.to_TO_BOOL()
                i = Py_SIZE(value) != 0
                host_drop_int(value)
                next += ops.TO_BOOL_CACHE
                sp -= 1
                target = branch(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.TO_BOOL_LIST:
                value = sp[-1]
                if not passes(PyList_CheckExact(value)):
                    arms.to_TO_BOOL()
                i = PyList_GET_SIZE(value) != 0
                started = release(value, frame, state, next)
                next += ops.TO_BOOL_CACHE
                sp -= 1
                target = branch(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.TO_BOOL_NONE:
                value = sp[-1]
                if not passes(value is Py_None):
                    arms.to_TO_BOOL()
                Py_DECREF(value)
                next += ops.TO_BOOL_CACHE
                sp -= 1
                target = branch(next, False)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(False)
                    sp += 1
            elif op == arms.TO_BOOL_STR:
                value = sp[-1]
                if not passes(PyUnicode_CheckExact(value)):
                    arms.to_TO_BOOL()
                i = host_string_is_true(value)
                Py_DECREF(value)
                next += ops.TO_BOOL_CACHE
                sp -= 1
                target = branch(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.TO_BOOL_ALWAYS_TRUE:
                value = sp[-1]
                i = value is not Py_None
                if not passes(not i or is_true_by_type(value, next)):
                    arms.to_TO_BOOL()
                started = release(value, frame, state, next)
                next += ops.TO_BOOL_CACHE
                sp -= 1
                target = branch(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.UNARY_NOT:
                sync(frame, state, next)
                top = to_bool(sp, True)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.POP_JUMP_IF_FALSE:
                sp -= 1
                value = sp[0]
                next += ops.POP_JUMP_IF_FALSE_CACHE
                if value is Py_False:
                    next += oparg
                Py_DECREF(value)
            elif op == arms.POP_JUMP_IF_TRUE:
                sp -= 1
                value = sp[0]
                next += ops.POP_JUMP_IF_TRUE_CACHE
                if value is Py_True:
                    next += oparg
                Py_DECREF(value)
            elif op == arms.POP_JUMP_IF_NONE:
                sp -= 1
                value = sp[0]
                started = release(value, frame, state, next)
                next += ops.POP_JUMP_IF_NONE_CACHE
                if value is Py_None:
                    next += oparg
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.POP_JUMP_IF_NOT_NONE:
                sp -= 1
                value = sp[0]
                started = release(value, frame, state, next)
                next += ops.POP_JUMP_IF_NOT_NONE_CACHE
                if value is not Py_None:
                    next += oparg
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.JUMP_IF_FALSE_OR_POP:
                sync(frame, state, next)
                i = truth_of(sp[-1])
                if unlikely(i < 0):
                    break
                if i == 0:
                    next += oparg
                else:
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.JUMP_IF_TRUE_OR_POP:
                sync(frame, state, next)
                i = truth_of(sp[-1])
                if unlikely(i < 0):
                    break
                if i == 1:
                    next += oparg
                else:
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.JUMP_FORWARD:
                next += oparg
            elif op == arms.JUMP_BACKWARD:
                replace_op(next - 1, ops.JUMP_BACKWARD, ops.JUMP_BACKWARD_NO_JIT)
                arms.to_JUMP_BACKWARD_NO_JIT()
            elif op == arms.JUMP_BACKWARD_NO_JIT or op == arms.JUMP_BACKWARD_JIT:
                target = next
                next += ops.JUMP_BACKWARD_CACHE - oparg
                # Tools find out by what executed last whether a line begins anew.
                if unlikely(must_look(ts)) or unlikely(is_watched(state)):
                    sync(frame, state, target)
                    leaving = look_closer(ts)
                    if leaving != GO_ON:
                        break
            elif op == arms.JUMP_BACKWARD_NO_INTERRUPT:
                next -= oparg
            elif op == arms.BINARY_OP:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                next += ops.BINARY_OP_CACHE
                if oparg == ops.NB_SUBSCR and has_python_subscript(sp[-2]):
                    entered = push_getitem(ts, sp, &callee)
                    if entered is not NULL:
                        sp -= 2
                        arms.to_ENTER_FRAME()
                top = binary_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_ADD_INT:
                if not passes(both_ints(sp)):
                    arms.to_BINARY_OP()
                top = stack_in_place(ops.BINARY_OP_ADD_INT, sp, frame, next)
                if top is not NULL:
                    next += 1
                else:
                    top = add_ints(sp, oparg)
                    if unlikely(top is NULL):
                        sync(frame, state, next)
                        break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_SUBTRACT_INT:
                if not passes(both_ints(sp)):
                    arms.to_BINARY_OP()
                top = subtract_ints(sp, oparg)
                if unlikely(top is NULL):
                    sync(frame, state, next)
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_MULTIPLY_INT:
                if not passes(both_ints(sp)):
                    arms.to_BINARY_OP()
                top = multiply_ints(sp, oparg)
                if unlikely(top is NULL):
                    sync(frame, state, next)
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_ADD_FLOAT:
                if not passes(both_floats(sp)):
                    arms.to_BINARY_OP()
                top = stack_in_place(ops.BINARY_OP_ADD_FLOAT, sp, frame, next)
                if top is not NULL:
                    next += 1
                else:
                    top = put_float(sp, left_float(sp) + right_float(sp))
                    if unlikely(top is NULL):
                        sync(frame, state, next)
                        break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_SUBTRACT_FLOAT:
                if not passes(both_floats(sp)):
                    arms.to_BINARY_OP()
                top = put_float(sp, left_float(sp) - right_float(sp))
                if unlikely(top is NULL):
                    sync(frame, state, next)
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_MULTIPLY_FLOAT:
                if not passes(both_floats(sp)):
                    arms.to_BINARY_OP()
                top = put_float(sp, left_float(sp) * right_float(sp))
                if unlikely(top is NULL):
                    sync(frame, state, next)
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_ADD_UNICODE:
                if not passes(both_strings(sp)):
                    arms.to_BINARY_OP()
                top = replace_two(sp, PyUnicode_Concat(sp[-2], sp[-1]))
                if unlikely(top is NULL):
                    sync(frame, state, next)
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
            elif op == arms.BINARY_OP_INPLACE_ADD_UNICODE:
                base = &frame.localsplus[unit_arg(next[ops.BINARY_OP_CACHE])]
                if not passes(both_strings(sp) and base[0] is sp[-2]):
                    arms.to_BINARY_OP()
                # The STORE_FAST that comes next is done here as well.
                sync(frame, state, next)
                next += ops.BINARY_OP_CACHE
                sp -= 2
                if unlikely(append_string(sp + 2, base) is NULL):
                    break
                next += 1
            elif op == arms.BINARY_OP_SUBSCR_LIST_INT:
                value = list_item(sp[-2], sp[-1])
                if not passes(value is not NULL):
                    arms.to_BINARY_OP()
                Py_INCREF(value)
                host_drop_int(sp[-1])
                sp -= 1
                made = sp[-1]
                sp[-1] = value
                target = next
                next += ops.BINARY_OP_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_SUBSCR_TUPLE_INT:
                value = tuple_item(sp[-2], sp[-1])
                if not passes(value is not NULL):
                    arms.to_BINARY_OP()
                Py_INCREF(value)
                host_drop_int(sp[-1])
                sp -= 1
                made = sp[-1]
                sp[-1] = value
                target = next
                next += ops.BINARY_OP_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_SUBSCR_STR_INT:
                value = string_item(sp[-2], sp[-1])
                if not passes(value is not NULL):
                    arms.to_BINARY_OP()
                Py_INCREF(value)
                host_drop_int(sp[-1])
                sp -= 1
                made = sp[-1]
                sp[-1] = value
                target = next
                next += ops.BINARY_OP_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_SUBSCR_DICT:
                if not passes(PyDict_CheckExact(sp[-2])):
                    arms.to_BINARY_OP()
                sync(frame, state, next)
                top = replace_two(sp, dict_item(sp[-2], sp[-1]))
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.BINARY_OP_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_SUBSCR_LIST_SLICE:
                value = NULL
                sync(frame, state, next)
                if passes(PyList_CheckExact(sp[-2])):
                    value = list_slice(sp[-2], sp[-1])
                if unlikely(value is NULL):
                    if host_error_pending(ts):
                        break
                    arms.to_BINARY_OP()
                sp = replace_two(sp, value)
                next += ops.BINARY_OP_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BINARY_OP_SUBSCR_GETITEM:
                sync(frame, state, next)
                entered = push_getitem(ts, sp, &callee) if passes(True) else NULL
                if unlikely(entered is NULL):
                    arms.to_BINARY_OP()
                next += ops.BINARY_OP_CACHE
                sp -= 2
                arms.to_ENTER_FRAME()
            elif op == arms.BINARY_OP_EXTEND:
                extension = extension_for(sp, next)
                if not passes(extension is not NULL):
                    arms.to_BINARY_OP()
                sync(frame, state, next)
                top = replace_two(sp, computed(extension, sp))
                if unlikely(top is NULL):
                    if host_error_pending(ts):
                        break
                    arms.to_BINARY_OP()
                sp = top
                next += ops.BINARY_OP_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.COMPARE_OP:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = compare_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.COMPARE_OP_CACHE
                target = branch_on_result(ts, next, sp[-1])
                if target is not NULL:
                    next = target
                    sp -= 1
                    Py_DECREF(sp[0])
                elif unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.COMPARE_OP_INT:
                i = compare_ints(sp, oparg)
                if not passes(i >= 0):
                    arms.to_COMPARE_OP()
                sp = drop_numbers(sp)
                next += ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.COMPARE_OP_FLOAT:
                if not passes(both_floats(sp)):
                    arms.to_COMPARE_OP()
                i = compare_floats(sp, oparg)
                sp -= 2
                host_drop_float(sp[1])
                host_drop_float(sp[0])
                next += ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.COMPARE_OP_NUMBER:
                i = compare_numbers(sp, oparg)
                if not passes(i >= 0):
                    arms.to_COMPARE_OP()
                sp -= 2
                drop_number(sp[1])
                drop_number(sp[0])
                next += ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.COMPARE_OP_IDENTITY:
                if not passes(both_by_identity(sp[-2], sp[-1])):
                    arms.to_COMPARE_OP()
                i = (sp[-2] is sp[-1]) ^ (oparg >> ops.COMPARE_SHIFT == Py_NE)
                sp -= 2
                started = release(sp[1], frame, state, next)
                started |= release(sp[0], frame, state, next)
                next += ops.COMPARE_OP_CACHE
                # The jump is an instruction of its own, which tracing wants to see.
                target = branch_on_bool(next, i) if likely(not started) else NULL
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.COMPARE_OP_STR:
                if not passes(both_strings(sp)):
                    arms.to_COMPARE_OP()
                i = compare_strings(sp, oparg)
                sp = drop_two(sp)
                next += ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.COMPARE_OP_STR_ORDER:
                if not passes(both_strings(sp)):
                    arms.to_COMPARE_OP()
                i = order_strings(sp, oparg)
                sp = drop_two(sp)
                next += ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.CONTAINS_OP:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = contains_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.CONTAINS_OP_CACHE
                target = branch_on_result(ts, next, sp[-1])
                if target is not NULL:
                    next = target
                    sp -= 1
                    Py_DECREF(sp[0])
                elif unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.CONTAINS_OP_SET:
                if not passes(is_set(sp[-1])):
                    arms.to_CONTAINS_OP()
                sync(frame, state, next)
                i = find_in_sequence(sp)
                if unlikely(i < 0):
                    break
                i ^= oparg
                sp = drop_two(sp)
                next += ops.CONTAINS_OP_CACHE
                target = branch_untraced(ts, next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CONTAINS_OP_DICT:
                if not passes(PyDict_CheckExact(sp[-1])):
                    arms.to_CONTAINS_OP()
                sync(frame, state, next)
                i = PyDict_Contains(sp[-1], sp[-2])
                if unlikely(i < 0):
                    break
                i ^= oparg
                sp = drop_two(sp)
                next += ops.CONTAINS_OP_CACHE
                target = branch_untraced(ts, next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CONTAINS_OP_LIST:
                if not passes(PyList_CheckExact(sp[-1])):
                    arms.to_CONTAINS_OP()
                sync(frame, state, next)
                i = find_in_items(
                    ts, sp, (<PyListObject *>sp[-1]).ob_item, PyList_GET_SIZE(sp[-1])
                )
                if unlikely(i < 0):
                    break
                i ^= oparg
                sp = drop_two(sp)
                next += ops.CONTAINS_OP_CACHE
                target = branch_untraced(ts, next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CONTAINS_OP_TUPLE:
                if not passes(PyTuple_CheckExact(sp[-1])):
                    arms.to_CONTAINS_OP()
                sync(frame, state, next)
                i = find_in_items(
                    ts, sp, (<PyTupleObject *>sp[-1]).ob_item, PyTuple_GET_SIZE(sp[-1])
                )
                if unlikely(i < 0):
                    break
                i ^= oparg
                sp = drop_two(sp)
                next += ops.CONTAINS_OP_CACHE
                target = branch_untraced(ts, next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CONTAINS_OP_STR:
                if not passes(PyUnicode_CheckExact(sp[-1])):
                    arms.to_CONTAINS_OP()
                sync(frame, state, next)
                i = find_in_sequence(sp)
                if unlikely(i < 0):
                    break
                i ^= oparg
                sp = drop_two(sp)
                next += ops.CONTAINS_OP_CACHE
                target = branch_untraced(ts, next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.IS_OP:
                i = (sp[-2] is sp[-1]) ^ oparg
                sp -= 2
                started = release(sp[1], frame, state, next)
                started |= release(sp[0], frame, state, next)
                # The jump is an instruction of its own, which tracing wants to see.
                target = branch_on_bool(next, i) if likely(not started) else NULL
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                if unlikely(started):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                value = name_at(frame, oparg >> 1)
                top = load_method(sp, value) if oparg & 1 else load_attr(sp, value)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.LOAD_ATTR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_ATTR:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = store_attr(sp, name_at(frame, oparg))
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_ATTR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_GLOBAL:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = load_global(sp, frame, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.LOAD_GLOBAL_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_SUBSCR:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = store_subscr(sp)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_SUBSCR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.UNPACK_SEQUENCE:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                top = unpack_sequence(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.UNPACK_SEQUENCE_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.GET_ITER:
                sync(frame, state, next)
                top = replace_one(sp, PyObject_GetIter(sp[-1]))
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.FOR_ITER:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                value = next_item(sp[-1])
                next += ops.FOR_ITER_CACHE
                if value is not NULL:
                    sp[0] = value
                    sp += 1
                elif unlikely(host_error_pending(ts)):
                    break
                else:
                    next += oparg
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.KW_NAMES:
                kwnames = (<PyTupleObject *>frame.f_code.co_consts).ob_item[oparg]
            elif op == arms.CALL or op == arms.CALL_KW:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                count = ops.CALL_CACHE if kwnames is NULL else ops.CALL_KW_CACHE
                next += count
                base = sp - oparg - 2
                count = open_method(base, oparg) - keyword_count(kwnames)
                entered = NULL
                if may_push(base):
                    entered = push_callee(ts, base, count, kwnames, &callee)
                if entered is not NULL:
                    kwnames = NULL
                    if record_of(entered).kept is NULL:
                        sync_calling(frame, state, next)
                        sp = base
                    arms.to_ENTER_FRAME()
                top = call_host(base, sp, count, kwnames)
                kwnames = NULL
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_FUNCTION_EX:
                sync(frame, state, next)
                if unlikely(normalize_ex_arguments(sp, oparg) < 0):
                    break
                base = sp - 3 - (oparg & 1)
                entered = push_callee_ex(ts, base, oparg, &callee)
                if entered is not NULL:
                    arms.to_ENTER_FRAME()
                top = call_host_ex(base, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.ENTER_FRAME:
                # The callee is pushed and bound; what it took over is off the stack.
                host_give_stack(frame, sp)
                link_call(ts, frame, entered, next, state)
                frame = entered
                state = callee
                if unlikely(host_enter_recursion(ts) < 0):
                    host_count_recursion(ts)
                    result = NULL
                    arms.to_RETURN_TO_CALLER()
                sp = host_take_empty_stack(frame, state.locals_count)
                next = state.units
                # Most code begins with it, and seldom has it anything to do.
                if likely(unit_op(next[0]) == ops.RESUME_CHECK and not must_look(ts)):
                    next += 1
            elif op == arms.RETURN_VALUE:
                sp -= 1
                value = sp[0]
                record = record_of(frame)
                if likely(
                    host_is_pushed(frame) and not host_is_shown(frame)
                    and record.kept is NULL
                ):
                    host_leave_recursion(ts)
                    entered = frame
                    frame = frame.previous
                    host_set_current_frame(ts, frame)
                    drop_pushed_frame(ts, entered, state)
                    next = record.next
                    state = record.state
                    sp = host_take_stack(frame)
                    sp[0] = value
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
                else:
                    result = value
                    sync(frame, state, next)
                    host_give_stack(frame, sp)
                    arms.to_RETURN_TO_CALLER()
            elif op == arms.RETURN_TO_CALLER:
                # The frame is done, with `result` or an exception; its stack is stored.
                host_leave_recursion(ts)
                entered = frame.previous
                host_set_current_frame(ts, entered)
                if frame is entry:
                    return result
                if unlikely(host_is_generator_frame(frame)):
                    arms.to_LEAVE_GENERATOR()
                record = record_of(frame)
                next = record.next
                base = record.kept
                made = record.made
                state = record.state
                host_clear_frame(ts, frame)
                pop_frame(ts, frame)
                frame = entered
                sp = host_take_stack(frame)
                if unlikely(base is not NULL):
                    result = finish_kept_call(ts, base, made, sp, result)
                    if result is not NULL:
                        sp = base
                if unlikely(result is NULL):
                    break
                sp[0] = result
                sp += 1
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.RETURN_GENERATOR:
                if unlikely(host_tracks_coroutine_origin(ts)):
                    next -= 1
                    leaving = ops.REASON_COROUTINE_ORIGIN
                    break
                sync(frame, state, next)
                host_give_stack(frame, sp)
                result = host_make_generator(ts, frame)
                if unlikely(result is NULL):
                    sp = host_take_stack(frame)
                    break
                if frame is entry:
                    host_hollow_out(frame)
                    arms.to_RETURN_TO_CALLER()
                # The frame's content has moved: it is popped without being cleared.
                host_leave_recursion(ts)
                record = record_of(frame)
                next = record.next
                base = record.kept
                made = record.made
                state = record.state
                entered = frame
                frame = frame.previous
                host_set_current_frame(ts, frame)
                pop_frame(ts, entered)
                sp = host_take_stack(frame)
                if unlikely(base is not NULL):
                    result = finish_kept_call(ts, base, made, sp, result)
                    if unlikely(result is NULL):
                        break
                    sp = base
                sp[0] = result
                sp += 1
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.YIELD_VALUE:
                sp -= 1
                result = sp[0]
                sync(frame, state, next)
                host_suspend(frame, sp)
                arms.to_RETURN_TO_CALLER()
            elif op == arms.SEND:
                sync(frame, state, next)
                count_down(frame, state, next, sp, oparg)
                sent = send(sp, &received)
                next += ops.SEND_CACHE
                if unlikely(sent == PYGEN_ERROR):
                    break
                sp = replace_one(sp, received)
                if sent == PYGEN_RETURN:
                    # receiver result -- result
                    sp = replace_one(sp - 1, sp[-1])
                    next += oparg
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.END_ASYNC_FOR:
                sync(frame, state, next)
                top = end_async_for(sp)
                if top is NULL:
                    sp -= 1
                    reraised = True
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.MAKE_CELL:
                sync(frame, state, next)
                if unlikely(make_cell(frame, oparg) < 0):
                    break
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.COPY_FREE_VARS:
                copy_free_vars(frame, oparg)
            elif op == arms.LOAD_DEREF:
                value = PyCell_GET(frame.localsplus[oparg])
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_deref(frame, oparg)
                    break
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == arms.STORE_DEREF:
                sp -= 1
                value = PyCell_GET(frame.localsplus[oparg])
                PyCell_SET(frame.localsplus[oparg], sp[0])
                if value is not NULL and release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.DELETE_DEREF:
                value = PyCell_GET(frame.localsplus[oparg])
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_deref(frame, oparg)
                    break
                PyCell_SET(frame.localsplus[oparg], NULL)
                if release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_COMMON_CONSTANT:
                Py_INCREF(PyExc_AssertionError)
                sp[0] = PyExc_AssertionError
                sp += 1
            elif op == arms.BUILD_SLICE:
                # What the slice is for is done at once where that is known.
                sync(frame, state, next + 1)
                i = ops.BINARY_OP_CACHE
                if unit_op(next[0]) == ops.STORE_SUBSCR:
                    i = ops.STORE_SUBSCR_CACHE
                    top = store_sliced(sp, oparg)
                else:
                    top = sliced(sp, oparg, next)
                if likely(top is not NULL):
                    next += 1 + i
                elif unlikely(host_error_pending(ts)):
                    next += 1
                    break
                else:
                    sync(frame, state, next)
                    top = build_slice(sp, oparg)
                    if unlikely(top is NULL):
                        break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BUILD_TUPLE:
                sync(frame, state, next)
                top = build_tuple(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.BUILD_LIST:
                sync(frame, state, next)
                top = build_list(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LIST_APPEND:
                sync(frame, state, next)
                top = list_append(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
            elif op == arms.SET_FUNCTION_ATTRIBUTE:
                sp = set_function_attribute(sp, oparg)
            elif op == arms.RAISE_VARARGS:
                sync(frame, state, next)
                reraised = raise_varargs(ts, sp, oparg) == 1
                break
            elif op == arms.RERAISE:
                if oparg:
                    i = <int>PyLong_AsLong(sp[-oparg - 1])
                    host_set_executing(frame, host_first_instr(state.code), i)
                else:
                    sync(frame, state, next)
                sp -= 1
                raise_again(sp[0])
                reraised = True
                break
            elif op == arms.PUSH_EXC_INFO:
                sp = push_exc_info(ts, sp)
            elif op == arms.POP_EXCEPT:
                sync(frame, state, next)
                sp = pop_except(ts, sp)
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.MATCH_MAPPING:
                sp = match_mapping(sp)
            elif op == arms.MATCH_SEQUENCE:
                sp = match_sequence(sp)
            elif op == arms.LOAD_ATTR_INSTANCE_VALUE:
                value = stored_value(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_WITH_HINT:
                value = hinted_value(sp[-1], name_at(frame, oparg >> 1), next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_SLOT:
                value = slot_value(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_MODULE:
                value = module_value(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_CLASS:
                value = class_value(sp[-1], next, False)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_CLASS_WITH_METACLASS_CHECK:
                value = class_value(sp[-1], next, True)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES:
                value = type_value_with_values(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_NONDESCRIPTOR_NO_DICT:
                value = type_value_without_dict(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                target = next
                next += ops.LOAD_ATTR_CACHE
                if release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_METHOD_WITH_VALUES:
                value = type_value_with_values(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                Py_INCREF(value)
                sp[0] = sp[-1]
                sp[-1] = value
                sp += 1
                next += ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_ATTR_METHOD_NO_DICT:
                value = type_value_without_dict(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                Py_INCREF(value)
                sp[0] = sp[-1]
                sp[-1] = value
                sp += 1
                next += ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_ATTR_METHOD_LAZY_DICT:
                value = type_value_with_lazy_dict(sp[-1], next)
                if not passes(value is not NULL):
                    arms.to_LOAD_ATTR()
                Py_INCREF(value)
                sp[0] = sp[-1]
                sp[-1] = value
                sp += 1
                next += ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_ATTR_PROPERTY:
                entered = NULL
                if passes(is_cached_type(sp[-1], next)):
                    value = host_property_getter(cached_descriptor(next))
                    made = NULL
                    entered = push_hook(ts, value, sp, made, &callee)
                if unlikely(entered is NULL):
                    arms.to_LOAD_ATTR()
                sync(frame, state, next)
                sp[-1] = NULL
                sp -= 1 - (oparg & 1)
                next += ops.LOAD_ATTR_CACHE
                arms.to_ENTER_FRAME()
            elif op == arms.LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN:
                entered = NULL
                if passes(is_cached_type(sp[-1], next)):
                    value = cached_descriptor(next)
                    made = name_at(frame, oparg >> 1)
                    entered = push_hook(ts, value, sp, made, &callee)
                if unlikely(entered is NULL):
                    arms.to_LOAD_ATTR()
                sync(frame, state, next)
                sp[-1] = NULL
                sp -= 1 - (oparg & 1)
                next += ops.LOAD_ATTR_CACHE
                arms.to_ENTER_FRAME()
            elif op == arms.LOAD_ATTR_GETATTR:
                entered = NULL
                if passes(lacks_own_value(sp[-1], name_at(frame, oparg >> 1), next)):
                    value = cached_descriptor(next)
                    made = name_at(frame, oparg >> 1)
                    entered = push_hook(ts, value, sp, made, &callee)
                if unlikely(entered is NULL):
                    arms.to_LOAD_ATTR()
                sync(frame, state, next)
                sp[-1] = NULL
                sp -= 1 - (oparg & 1)
                next += ops.LOAD_ATTR_CACHE
                arms.to_ENTER_FRAME()
            elif op == arms.LOAD_ATTR_DATA_DESCRIPTOR:
                if not passes(has_cached_descriptor(sp[-1], next)):
                    arms.to_LOAD_ATTR()
                sync(frame, state, next)
                value = call_descriptor(sp[-1], next)
                if unlikely(value is NULL):
                    break
                made = sp[-1]
                sp = put_attribute(sp, value, oparg)
                Py_DECREF(value)
                Py_DECREF(made)
                next += ops.LOAD_ATTR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_ATTR_SHARED_CACHE:
                made = sp[-1]
                known = known_to_cache(made, name_at(frame, oparg >> 1))
                if not passes(known is not NULL):
                    arms.to_LOAD_ATTR()
                if oparg & 1 and known.place == METHOD:
                    if unlikely(may_shadow(made, Py_TYPE(made), known)):
                        arms.to_LOAD_ATTR()
                    value = known.found
                    Py_INCREF(value)
                    sp[0] = made
                    sp[-1] = value
                    sp += 1
                    next += ops.LOAD_ATTR_CACHE
                else:
                    value = known_attribute(made, Py_TYPE(made), known)
                    if unlikely(value is NULL):
                        arms.to_LOAD_ATTR()
                    sp = put_attribute(sp, value, oparg)
                    target = next
                    next += ops.LOAD_ATTR_CACHE
                    if release(made, frame, state, target) and host_tracing(ts):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.STORE_ATTR_INSTANCE_VALUE:
                if not passes(has_stored_place(sp[-1], next)):
                    arms.to_STORE_ATTR()
                sync(frame, state, next)
                value = sp[-1]
                made = host_store_value(
                    value, cached_u16(next, ops.STORE_ATTR_INDEX_CELL), sp[-2]
                )
                sp -= 2
                next += ops.STORE_ATTR_CACHE
                i = drop_if_any(made)
                if (drop_value(value) or i) and host_tracing(ts):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_ATTR_SLOT:
                value = sp[-1]
                if not passes(has_cached_type(value, next)):
                    arms.to_STORE_ATTR()
                sync(frame, state, next)
                base = slot_at(value, cached_u16(next, ops.STORE_ATTR_INDEX_CELL))
                made = base[0]
                base[0] = sp[-2]
                sp -= 2
                next += ops.STORE_ATTR_CACHE
                i = drop_if_any(made)
                if (drop_value(value) or i) and host_tracing(ts):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_ATTR_WITH_HINT:
                value = sp[-1]
                base = hinted_place(value, name_at(frame, oparg), next)
                if not passes(base is not NULL):
                    arms.to_STORE_ATTR()
                sync(frame, state, next)
                made = base[0]
                base[0] = sp[-2]
                host_note_changed(host_instance_dict(value), sp[-2])
                sp -= 2
                next += ops.STORE_ATTR_CACHE
                i = drop_value(made)
                if (drop_value(value) or i) and host_tracing(ts):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_GLOBAL_MODULE:
                value = module_global(frame, next)
                if not passes(value is not NULL):
                    arms.to_LOAD_GLOBAL()
                next += ops.LOAD_GLOBAL_CACHE
                made = module_value_behind(value, oparg, next)
                if made is NULL:
                    sp = push_global(sp, value, oparg)
                else:
                    Py_INCREF(made)
                    sp = push_loaded(sp, made, unit_arg(next[0]))
                    next += 1
                    next += ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_GLOBAL_BUILTIN:
                value = builtin_global(frame, next)
                if not passes(value is not NULL):
                    arms.to_LOAD_GLOBAL()
                sp = push_global(sp, value, oparg)
                next += ops.LOAD_GLOBAL_CACHE
            elif op == arms.STORE_SUBSCR_LIST_INT:
                base = place_in_list(sp[-2], sp[-1])
                if not passes(base is not NULL):
                    arms.to_STORE_SUBSCR()
                sync(frame, state, next)
                made = base[0]
                base[0] = sp[-3]
                value = sp[-2]
                host_drop_int(sp[-1])
                sp -= 3
                next += ops.STORE_SUBSCR_CACHE
                i = drop_value(made)
                if (drop_value(value) or i) and host_tracing(ts):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_SUBSCR_DICT:
                if not passes(PyDict_CheckExact(sp[-2])):
                    arms.to_STORE_SUBSCR()
                sync(frame, state, next)
                top = store_dict_item(sp)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_SUBSCR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.STORE_SUBSCR_NUMBER:
                count = place_for_number(sp)
                if not passes(count >= 0):
                    arms.to_STORE_SUBSCR()
                sync(frame, state, next)
                top = store_number(sp, count)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_SUBSCR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.UNPACK_SEQUENCE_TWO_TUPLE:
                if not passes(is_pair(sp[-1])):
                    arms.to_UNPACK_SEQUENCE()
                sync(frame, state, next)
                next += ops.UNPACK_SEQUENCE_CACHE
                items = (<PyTupleObject *>sp[-1]).ob_item
                i = store_items(items, 2, frame, next)
                next += i
                sp = unpack_items(sp, items + i, 2 - i)
            elif op == arms.UNPACK_SEQUENCE_TUPLE:
                value = sp[-1]
                if not passes(
                    PyTuple_CheckExact(value) and PyTuple_GET_SIZE(value) == oparg
                ):
                    arms.to_UNPACK_SEQUENCE()
                sync(frame, state, next)
                next += ops.UNPACK_SEQUENCE_CACHE
                items = (<PyTupleObject *>value).ob_item
                i = store_items(items, oparg, frame, next)
                next += i
                sp = unpack_items(sp, items + i, oparg - i)
            elif op == arms.UNPACK_SEQUENCE_LIST:
                value = sp[-1]
                if not passes(
                    PyList_CheckExact(value) and PyList_GET_SIZE(value) == oparg
                ):
                    arms.to_UNPACK_SEQUENCE()
                sync(frame, state, next)
                next += ops.UNPACK_SEQUENCE_CACHE
                items = (<PyListObject *>value).ob_item
                i = store_items(items, oparg, frame, next)
                next += i
                sp = unpack_items(sp, items + i, oparg - i)
            elif op == arms.FOR_ITER_LIST:
                if not passes(Py_IS_TYPE(sp[-1], &PyListIter_Type)):
                    arms.to_FOR_ITER()
                value = next_of_list(sp[-1])
                if likely(value is not NULL):
                    next += ops.FOR_ITER_CACHE
                    if likely(stores(value, frame, next)):
                        next += 1
                    else:
                        sp[0] = value
                        sp += 1
                else:
                    sync(frame, state, next)
                    next += ops.FOR_ITER_CACHE
                    sp = end_of_sequence(sp)
                    next += oparg
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.FOR_ITER_TUPLE:
                if not passes(Py_IS_TYPE(sp[-1], &PyTupleIter_Type)):
                    arms.to_FOR_ITER()
                value = next_of_tuple(sp[-1])
                if likely(value is not NULL):
                    next += ops.FOR_ITER_CACHE
                    if likely(stores(value, frame, next)):
                        next += 1
                    else:
                        sp[0] = value
                        sp += 1
                else:
                    sync(frame, state, next)
                    next += ops.FOR_ITER_CACHE
                    sp = end_of_sequence(sp)
                    next += oparg
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.FOR_ITER_RANGE:
                if not passes(Py_IS_TYPE(sp[-1], &PyRangeIter_Type)):
                    arms.to_FOR_ITER()
                value = next_of_range(sp[-1])
                if likely(value is not NULL):
                    next += ops.FOR_ITER_CACHE
                    if likely(stores(value, frame, next)):
                        next += 1
                    else:
                        sp[0] = value
                        sp += 1
                else:
                    sync(frame, state, next)
                    next += ops.FOR_ITER_CACHE
                    top = end_of_loop(sp)
                    if unlikely(top is NULL):
                        break
                    sp = top
                    next += oparg
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.FOR_ITER_BUILTIN:
                value = sp[-1]
                if not passes(not Py_TYPE(value).tp_flags & Py_TPFLAGS_HEAPTYPE):
                    arms.to_FOR_ITER()
                sync(frame, state, next)
                next += ops.FOR_ITER_CACHE
                value = next_item(value)
                if likely(value is not NULL):
                    if likely(not host_tracing(ts) and stores(value, frame, next)):
                        next += 1
                    else:
                        sp[0] = value
                        sp += 1
                elif unlikely(host_error_pending(ts)):
                    break
                else:
                    next += oparg
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.FOR_ITER_DICT_ITEMS:
                if not passes(Py_IS_TYPE(sp[-1], &PyDictIterItem_Type)):
                    arms.to_FOR_ITER()
                sync(frame, state, next)
                top = next_pair_of_dict(sp)
                if unlikely(top is NULL):
                    arms.to_FOR_ITER_BUILTIN()
                # The UNPACK_SEQUENCE that comes next is done as well.
                next += ops.FOR_ITER_CACHE + ops.UNPACK_SEQUENCE_CACHE
                next += 1
                i = 0 if host_tracing(ts) else store_pair(top, frame, next)
                next += i
                sp = top - i
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.FOR_ITER_ENUMERATE:
                if not passes(Py_IS_TYPE(sp[-1], &PyEnum_Type)):
                    arms.to_FOR_ITER()
                if unlikely((<HostEnumerate *>sp[-1]).index == PY_SSIZE_T_MAX):
                    arms.to_FOR_ITER_BUILTIN()
                sync(frame, state, next)
                next += ops.FOR_ITER_CACHE
                top = next_pair_of_enumerate(sp)
                if likely(top is not NULL):
                    next += ops.UNPACK_SEQUENCE_CACHE
                    next += 1
                    i = 0 if host_tracing(ts) else store_pair(top, frame, next)
                    next += i
                    sp = top - i
                elif unlikely(host_error_pending(ts)):
                    break
                else:
                    next += oparg
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.FOR_ITER_ZIP:
                if not passes(is_pairwise(sp[-1])):
                    arms.to_FOR_ITER()
                sync(frame, state, next)
                next += ops.FOR_ITER_CACHE
                top = next_pair_of_zip(sp)
                if likely(top is not NULL):
                    next += ops.UNPACK_SEQUENCE_CACHE
                    next += 1
                    i = 0 if host_tracing(ts) else store_pair(top, frame, next)
                    next += i
                    sp = top - i
                elif unlikely(host_error_pending(ts)):
                    break
                else:
                    next += oparg
                    sp -= 1
                    Py_DECREF(sp[0])
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.FOR_ITER_GEN:
                callee = resumable(ts, sp[-1]) if passes(True) else NULL
                if unlikely(callee is NULL):
                    arms.to_FOR_ITER()
                target = next + ops.FOR_ITER_CACHE
                if unlikely(not note_resume(ts, state, target, target + oparg, False)):
                    arms.to_FOR_ITER()
                sync(frame, state, next)
                Py_INCREF(Py_None)
                entered = host_resume(ts, sp[-1], frame, Py_None)
                arms.to_RESUME_GENERATOR()
            elif op == arms.SEND_GEN:
                callee = resumable(ts, sp[-2]) if passes(True) else NULL
                if unlikely(callee is NULL):
                    arms.to_SEND()
                if unlikely(host_is_new(sp[-2]) and sp[-1] is not Py_None):
                    arms.to_SEND()
                target = next + ops.SEND_CACHE
                if unlikely(not note_resume(ts, state, target, target + oparg, True)):
                    arms.to_SEND()
                sync(frame, state, next)
                sp -= 1
                entered = host_resume(ts, sp[-1], frame, sp[0])
                arms.to_RESUME_GENERATOR()
            elif op == arms.RESUME_GENERATOR:
                # The generator has been given what is sent; its frame is to be entered.
                host_give_stack(frame, sp)
                host_set_current_frame(ts, entered)
                frame = entered
                state = callee
                counts.calls_inlined += 1
                if unlikely(host_enter_recursion(ts) < 0):
                    host_count_recursion(ts)
                    result = NULL
                    arms.to_RETURN_TO_CALLER()
                sp = host_take_stack(frame)
                next = resume_unit(state, frame)
            elif op == arms.LEAVE_GENERATOR:
                # The generator's frame, unlinked, has yielded, returned or raised.
                resumed = <ResumeRecord *>host_pop_words(ts, RESUME_WORDS)
                next = resumed.next
                target = resumed.after
                state = resumed.state
                count = resumed.is_send
                i = host_after_resume(ts, frame, result)
                frame = entered
                sp = host_take_stack(frame)
                if likely(i):
                    sp[0] = result
                    sp += 1
                elif unlikely(result is NULL):
                    break
                else:
                    next = target
                    sp -= 1
                    drop_value(sp[0])
                    if count:
                        sp[0] = result
                        sp += 1
                    else:
                        Py_DECREF(result)
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.CALL_PY_EXACT_ARGS:
                base = sp - oparg - 2
                value = callable_at(base)
                count = count_at(base, oparg)
                callee = cached_callee(ts, value, next)
                if not passes(callee is not NULL and callee.exact_count == count):
                    arms.to_CALL()
                entered = push_plain_call(
                    ts, <PyFunctionObject *>value, callee, sp - count, count
                )
                if unlikely(entered is NULL):
                    arms.to_CALL()
                record_of(entered).kept = NULL
                next += ops.CALL_CACHE
                sync_calling(frame, state, next)
                sp = base
                arms.to_ENTER_FRAME()
            elif op == arms.CALL_PY_GENERAL:
                base = sp - oparg - 2
                value = callable_at(base)
                callee = cached_callee(ts, value, next)
                entered = NULL
                if passes(callee is not NULL):
                    sync(frame, state, next)
                    entered = push_known(
                        ts, value, callee, arguments_at(base), count_at(base, oparg),
                        NULL
                    )
                if unlikely(entered is NULL):
                    arms.to_CALL()
                next += ops.CALL_CACHE
                sync_calling(frame, state, next)
                sp = base
                arms.to_ENTER_FRAME()
            elif op == arms.CALL_BOUND_METHOD_EXACT_ARGS:
                base = sp - oparg - 2
                callee = NULL
                if passes(is_bound_method(base)):
                    callee = cached_callee(ts, PyMethod_GET_FUNCTION(base[1]), next)
                if unlikely(callee is NULL or callee.exact_count != oparg + 1):
                    arms.to_CALL()
                open_method(base, oparg)
                arms.to_CALL_PY_EXACT_ARGS()
            elif op == arms.CALL_BOUND_METHOD_GENERAL:
                base = sp - oparg - 2
                callee = NULL
                if passes(is_bound_method(base)):
                    callee = cached_callee(ts, PyMethod_GET_FUNCTION(base[1]), next)
                if unlikely(callee is NULL):
                    arms.to_CALL()
                open_method(base, oparg)
                arms.to_CALL_PY_GENERAL()
            elif op == arms.CALL_ALLOC_AND_ENTER_INIT:
                base = sp - oparg - 2
                entered = NULL
                if passes(is_cached_class(base, next)):
                    sync(frame, state, next)
                    entered = push_init(ts, base, oparg, NULL, &callee)
                if unlikely(entered is NULL):
                    arms.to_CALL()
                next += ops.CALL_CACHE
                arms.to_ENTER_FRAME()
            elif op == arms.CALL_SUPER_METHOD:
                base = sp - oparg - 2
                value = super_value(
                    base, oparg, frame, next,
                    cached_u32(next, ops.CALL_FUNCTION_VERSION_CELL), True,
                )
                if not passes(value is not NULL):
                    arms.to_CALL()
                # The LOAD_ATTR that comes next is done as well.
                Py_INCREF(value)
                base[0] = value
                value = super_owner(base, oparg, frame)
                Py_INCREF(value)
                # Nothing is finalized: the class is one of the owner's.
                drop(base + 1, sp)
                base[1] = value
                sp = base + 2
                next += ops.CALL_CACHE + ops.LOAD_ATTR_CACHE
                next += 1
            elif op == arms.CALL_SUPER_ATTR:
                base = sp - oparg - 2
                value = super_value(
                    base, oparg, frame, next,
                    cached_u32(next, ops.CALL_FUNCTION_VERSION_CELL), False,
                )
                if not passes(value is not NULL):
                    arms.to_CALL()
                Py_INCREF(value)
                base[0] = value
                sp = base + 1
                Py_DECREF(base[1])
                next += ops.CALL_CACHE + ops.LOAD_ATTR_CACHE
                next += 1
            elif op == arms.CALL_LIST_APPEND:
                base = sp - oparg - 2
                if not passes(is_list_append(ts, base, oparg)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = append_item(base)
                if unlikely(top is NULL):
                    break
                sp = top
                if likely(
                    unit_op(load_unit(next)) == ops.POP_TOP and not host_tracing(ts)
                ):
                    next += 1
                else:
                    Py_INCREF(Py_None)
                    sp[0] = Py_None
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CALL_TYPE_1:
                base = sp - oparg - 2
                if not passes(is_called_with_one(base, oparg, &PyType_Type)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_type_1(base, sp)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_STR_1:
                base = sp - oparg - 2
                if not passes(is_called_with_one(base, oparg, &PyUnicode_Type)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = finish_call(base, sp, PyObject_Str(sp[-1]))
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_TUPLE_1:
                base = sp - oparg - 2
                if not passes(is_called_with_one(base, oparg, &PyTuple_Type)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = finish_call(base, sp, PySequence_Tuple(sp[-1]))
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_LEN:
                base = sp - oparg - 2
                if not passes(
                    oparg == 1 and base[0] is NULL
                    and base[1] is host_len_function(ts)
                ):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_len(base)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.CALL_ISINSTANCE:
                base = sp - oparg - 2
                if not passes(
                    oparg == 2 and base[0] is NULL
                    and base[1] is host_isinstance_function(ts)
                ):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                i = is_instance(ts, sp[-2], sp[-1])
                if unlikely(i < 0):
                    break
                sp -= 4
                drop_value(sp[3])
                drop_value(sp[2])
                Py_DECREF(sp[1])
                target = branch_untraced(ts, next, i)
                if target is not NULL:
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.CALL_BUILTIN_CLASS:
                base = sp - oparg - 2
                if not passes(is_builtin_class(base)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_builtin_class(base, sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_BUILTIN_O:
                base = sp - 3
                if not passes(oparg == 1 and is_builtin(base, METH_O)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_builtin_o(ts, base)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_BUILTIN_FAST:
                base = sp - oparg - 2
                if not passes(is_builtin(base, METH_FASTCALL)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_builtin_fast(base, sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_BUILTIN_FAST_WITH_KEYWORDS:
                base = sp - oparg - 2
                if not passes(is_builtin(base, METH_FASTCALL | METH_KEYWORDS)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_builtin_fast_with_keywords(base, sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_METHOD_DESCRIPTOR_O:
                base = sp - 3
                if not passes(oparg == 1 and is_builtin_method(base, METH_O)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_method_o(ts, base)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_METHOD_DESCRIPTOR_NOARGS:
                base = sp - 2
                if not passes(oparg == 0 and is_builtin_method(base, METH_NOARGS)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_method_noargs(ts, base)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_METHOD_DESCRIPTOR_FAST:
                base = sp - oparg - 2
                if not passes(is_builtin_method(base, METH_FASTCALL)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_method_fast(base, sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS:
                base = sp - oparg - 2
                if not passes(is_builtin_method(base, METH_FASTCALL | METH_KEYWORDS)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_method_fast_with_keywords(base, sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_NON_PY_GENERAL:
                base = sp - oparg - 2
                if not passes(is_no_python_call(base)):
                    arms.to_CALL()
                sync(frame, state, next)
                next += ops.CALL_CACHE
                top = call_host(base, sp, oparg, NULL)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.CALL_KW_PY:
                base = sp - oparg - 2
                value = callable_at(base)
                callee = cached_callee(ts, value, next)
                entered = NULL
                if passes(callee is not NULL):
                    sync(frame, state, next)
                    count = count_at(base, oparg) - keyword_count(kwnames)
                    entered = push_known(
                        ts, value, callee, arguments_at(base), count, kwnames
                    )
                if unlikely(entered is NULL):
                    arms.to_CALL_KW()
                kwnames = NULL
                next += ops.CALL_KW_CACHE
                sync_calling(frame, state, next)
                sp = base
                arms.to_ENTER_FRAME()
            elif op == arms.CALL_KW_BOUND_METHOD:
                base = sp - oparg - 2
                callee = NULL
                if passes(is_bound_method(base)):
                    callee = cached_callee(ts, PyMethod_GET_FUNCTION(base[1]), next)
                if unlikely(callee is NULL):
                    arms.to_CALL_KW()
                open_method(base, oparg)
                arms.to_CALL_KW_PY()
            elif op == arms.CALL_KW_NON_PY:
                base = sp - oparg - 2
                if not passes(is_no_python_call(base)):
                    arms.to_CALL_KW()
                sync(frame, state, next)
                next += ops.CALL_KW_CACHE
                count = oparg - keyword_count(kwnames)
                top = call_host(base, sp, count, kwnames)
                kwnames = NULL
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP:
                target = next + 2
                value = borrowed_binary(
                    unit_op(next[1]), frame.localsplus[oparg],
                    frame.localsplus[unit_arg(next[0])], target,
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                sp[0] = value
                sp += 1
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_COMPARE_OP:
                target = next + 2
                i = borrowed_compare(
                    unit_op(next[1]), frame.localsplus[oparg],
                    frame.localsplus[unit_arg(next[0])], unit_arg(next[1]),
                )
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST_BINARY_OP:
                target = next + 2
                value = borrowed_binary(
                    unit_op(next[1]), frame.localsplus[oparg],
                    constant_at(frame, unit_arg(next[0])), target,
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                sp[0] = value
                sp += 1
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST_COMPARE_OP:
                target = next + 2
                i = borrowed_compare(
                    unit_op(next[1]), frame.localsplus[oparg],
                    constant_at(frame, unit_arg(next[0])), unit_arg(next[1]),
                )
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_FAST_CHECK_BINARY_OP:
                target = next + 1
                value = half_borrowed_binary(
                    unit_op(next[0]), sp[-1], frame.localsplus[oparg], target
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                sp[-1] = value
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_COMPARE_OP:
                target = next + 1
                i = borrowed_compare(
                    unit_op(next[0]), sp[-1], frame.localsplus[oparg], unit_arg(next[0])
                )
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                sp -= 1
                started = release(sp[0], frame, state, target)
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i) if likely(not started) else NULL
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(started):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.LOAD_CONST_BINARY_OP:
                target = next + 1
                value = half_borrowed_binary(
                    unit_op(next[0]), sp[-1], constant_at(frame, oparg), target
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_CONST()
                sp[-1] = value
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP_ADD_INT:
                target = next + 2
                made = frame.localsplus[oparg]
                value = frame.localsplus[unit_arg(next[0])]
                i = ops.BINARY_OP_ADD_INT
                if borrowed_in_place(i, made, value, frame, target):
                    next = target + ops.BINARY_OP_CACHE
                    next += 1
                else:
                    value = borrowed_binary(i, made, value, target)
                    if unlikely(value is NULL):
                        arms.to_LOAD_FAST_CHECK()
                    sp[0] = value
                    sp += 1
                    next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP_MULTIPLY_FLOAT:
                target = next + 2
                value = borrowed_binary(
                    ops.BINARY_OP_MULTIPLY_FLOAT, frame.localsplus[oparg],
                    frame.localsplus[unit_arg(next[0])], target
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                sp[0] = value
                sp += 1
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP_SUBSCR_LIST_INT:
                target = next + 2
                value = borrowed_binary(
                    ops.BINARY_OP_SUBSCR_LIST_INT, frame.localsplus[oparg],
                    frame.localsplus[unit_arg(next[0])], target
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                sp[0] = value
                sp += 1
                next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_COMPARE_OP_INT:
                target = next + 2
                i = borrowed_compare(
                    ops.COMPARE_OP_INT, frame.localsplus[oparg],
                    frame.localsplus[unit_arg(next[0])], unit_arg(next[1])
                )
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST_BINARY_OP_ADD_INT:
                target = next + 2
                made = frame.localsplus[oparg]
                value = constant_at(frame, unit_arg(next[0]))
                i = ops.BINARY_OP_ADD_INT
                if borrowed_in_place(i, made, value, frame, target):
                    next = target + ops.BINARY_OP_CACHE
                    next += 1
                else:
                    value = borrowed_binary(i, made, value, target)
                    if unlikely(value is NULL):
                        arms.to_LOAD_FAST_CHECK()
                    sp[0] = value
                    sp += 1
                    next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST_BINARY_OP_SUBTRACT_INT:
                target = next + 2
                made = frame.localsplus[oparg]
                value = constant_at(frame, unit_arg(next[0]))
                i = ops.BINARY_OP_SUBTRACT_INT
                if borrowed_in_place(i, made, value, frame, target):
                    next = target + ops.BINARY_OP_CACHE
                    next += 1
                else:
                    value = borrowed_binary(i, made, value, target)
                    if unlikely(value is NULL):
                        arms.to_LOAD_FAST_CHECK()
                    sp[0] = value
                    sp += 1
                    next = target + ops.BINARY_OP_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST_COMPARE_OP_INT:
                target = next + 2
                i = borrowed_compare(
                    ops.COMPARE_OP_INT, frame.localsplus[oparg],
                    constant_at(frame, unit_arg(next[0])), unit_arg(next[1])
                )
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_CONST_COMPARE_OP_INT:
                target = next + 1
                i = borrowed_compare(
                    ops.COMPARE_OP_INT, sp[-1], constant_at(frame, oparg),
                    unit_arg(next[0]),
                )
                if unlikely(i < 0):
                    arms.to_LOAD_CONST()
                sp -= 1
                host_drop_int(sp[0])
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_CONST_COMPARE_OP:
                target = next + 1
                i = borrowed_compare(
                    unit_op(next[0]), sp[-1], constant_at(frame, oparg),
                    unit_arg(next[0]),
                )
                if unlikely(i < 0):
                    arms.to_LOAD_CONST()
                sp -= 1
                started = release(sp[0], frame, state, target)
                next = target + ops.COMPARE_OP_CACHE
                target = branch_on_bool(next, i) if likely(not started) else NULL
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
                    if unlikely(started):
                        leaving = ops.REASON_TRACING
                        break
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK_STORE_SUBSCR:
                value = frame.localsplus[oparg]
                made = frame.localsplus[unit_arg(next[0])]
                if unlikely(
                    unit_op(next[1]) != ops.STORE_SUBSCR_LIST_INT
                    or value is NULL or made is NULL
                ):
                    arms.to_LOAD_FAST_CHECK()
                base = place_in_list(value, made)
                if unlikely(base is NULL):
                    arms.to_LOAD_FAST_CHECK()
                next += 2
                value = base[0]
                sp -= 1
                base[0] = sp[0]
                target = next
                next += ops.STORE_SUBSCR_CACHE
                if release(value, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR_INSTANCE_VALUE:
                made = frame.localsplus[oparg]
                target = next + 1
                value = NULL if made is NULL else stored_value(made, target)
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                sp = push_loaded(sp, value, unit_arg(next[0]))
                next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR_WITH_HINT:
                made = frame.localsplus[oparg]
                target = next + 1
                value = NULL if made is NULL else hinted_value(
                    made, name_at(frame, unit_arg(next[0]) >> 1), target
                )
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                sp = push_loaded(sp, value, unit_arg(next[0]))
                next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR_SLOT:
                made = frame.localsplus[oparg]
                target = next + 1
                value = NULL if made is NULL else slot_value(made, target)
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                sp = push_loaded(sp, value, unit_arg(next[0]))
                next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR_METHOD_WITH_VALUES:
                made = frame.localsplus[oparg]
                target = next + 1
                value = NULL if made is NULL else type_value_with_values(made, target)
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                Py_INCREF(made)
                sp[0] = value
                sp[1] = made
                sp += 2
                next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR_SHARED_CACHE:
                made = frame.localsplus[oparg]
                target = next + 1
                known = NULL if made is NULL else known_to_cache(
                    made, name_at(frame, unit_arg(next[0]) >> 1)
                )
                if unlikely(known is NULL):
                    arms.to_LOAD_FAST_CHECK()
                if unit_arg(next[0]) & 1 and known.place == METHOD:
                    if unlikely(may_shadow(made, Py_TYPE(made), known)):
                        arms.to_LOAD_FAST_CHECK()
                    value = known.found
                    Py_INCREF(value)
                    Py_INCREF(made)
                    sp[0] = value
                    sp[1] = made
                    sp += 2
                else:
                    value = known_attribute(made, Py_TYPE(made), known)
                    if unlikely(value is NULL):
                        arms.to_LOAD_FAST_CHECK()
                    Py_INCREF(value)
                    sp = push_loaded(sp, value, unit_arg(next[0]))
                next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_LOAD_ATTR:
                made = frame.localsplus[oparg]
                target = next + 1
                if unlikely(made is NULL):
                    arms.to_LOAD_FAST_CHECK()
                i = unit_op(next[0])
                value = NULL
                if unit_arg(next[0]) & 1:
                    value = borrowed_method(i, made, target)
                if value is not NULL:
                    Py_INCREF(value)
                    Py_INCREF(made)
                    sp[0] = value
                    sp[1] = made
                    sp += 2
                    next = target + ops.LOAD_ATTR_CACHE
                else:
                    value = borrowed_attribute(i, made, target)
                    if unlikely(value is NULL):
                        arms.to_LOAD_FAST_CHECK()
                    Py_INCREF(value)
                    sp = push_loaded(sp, value, unit_arg(next[0]))
                    next = target + ops.LOAD_ATTR_CACHE
            elif op == arms.LOAD_FAST_CHECK_STORE_ATTR:
                value = frame.localsplus[oparg]
                target = next + 1
                if unlikely(value is NULL or not has_cached_type(value, target)):
                    arms.to_LOAD_FAST_CHECK()
                i = unit_op(next[0])
                if i == ops.STORE_ATTR_SLOT:
                    base = slot_at(value, cached_u16(target, ops.STORE_ATTR_INDEX_CELL))
                    made = base[0]
                    base[0] = sp[-1]
                elif likely(
                    i == ops.STORE_ATTR_INSTANCE_VALUE
                    and host_instance_values(value) is not NULL
                ):
                    made = host_store_value(
                        value, cached_u16(target, ops.STORE_ATTR_INDEX_CELL), sp[-1]
                    )
                else:
                    arms.to_LOAD_FAST_CHECK()
                sp -= 1
                next = target + ops.STORE_ATTR_CACHE
                if made is not NULL and release(made, frame, state, target):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.LOAD_FAST_CHECK_TO_BOOL:
                target = next + 1
                i = borrowed_truth(unit_op(next[0]), frame.localsplus[oparg], target)
                if unlikely(i < 0):
                    arms.to_LOAD_FAST_CHECK()
                next = target + ops.TO_BOOL_CACHE
                target = branch(next, i)
                if likely(target is not NULL):
                    next = target
                else:
                    sp[0] = new_bool(i)
                    sp += 1
            elif op == arms.LOAD_FAST_CHECK_POP_JUMP_IF_NONE:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                i = unit_arg(next[0])
                next += 1
                next += ops.POP_JUMP_IF_NONE_CACHE
                if value is Py_None:
                    next += i
            elif op == arms.LOAD_FAST_CHECK_POP_JUMP_IF_NOT_NONE:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                i = unit_arg(next[0])
                next += 1
                next += ops.POP_JUMP_IF_NOT_NONE_CACHE
                if value is not Py_None:
                    next += i
            elif op == arms.LOAD_FAST_CHECK_LOAD_FAST_CHECK:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                sp[0] = value
                sp += 1
                value = frame.localsplus[unit_arg(next[0])]
                if likely(value is not NULL):
                    Py_INCREF(value)
                    sp[0] = value
                    sp += 1
                    next += 1
            elif op == arms.LOAD_FAST_CHECK_LOAD_CONST:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    arms.to_LOAD_FAST_CHECK()
                Py_INCREF(value)
                sp[0] = value
                value = (<PyTupleObject *>frame.f_code.co_consts).ob_item[
                    unit_arg(next[0])
                ]
                Py_INCREF(value)
                sp[1] = value
                sp += 2
                next += 1
            elif op == arms.STORE_FAST_LOAD_FAST_CHECK:
                value = frame.localsplus[oparg]
                sp -= 1
                frame.localsplus[oparg] = sp[0]
                if value is not NULL and release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
                # Unbound: the second does it alone, and raises.
                value = frame.localsplus[unit_arg(next[0])]
                if likely(value is not NULL):
                    Py_INCREF(value)
                    sp[0] = value
                    sp += 1
                    next += 1
            elif op == arms.STORE_FAST_STORE_FAST:
                value = frame.localsplus[oparg]
                sp -= 1
                frame.localsplus[oparg] = sp[0]
                if value is not NULL and release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
                next += 1
                oparg = unit_arg(next[-1])
                value = frame.localsplus[oparg]
                sp -= 1
                frame.localsplus[oparg] = sp[0]
                if value is not NULL and release(value, frame, state, next):
                    leaving = ops.REASON_TRACING
                    break
            elif op == arms.UNWIND or op == arms.LEAVE:
                break
            else:
                arms.others()
                i = unit_op(next[-1])
                if unlikely(is_instrumented(i)):
                    i = monitor(ts, frame, state, next, sp, oparg, kwnames)
                    if i >= 0 and arms.has(i):
                        fetched = oparg
                        arms.go_to(i)
                if likely(i >= 0):
                    sync(frame, state, next)
                    top = act(i, oparg, ts, frame, sp)
                    if unlikely(top is NULL):
                        break
                    sp = top
                    if unlikely(host_tracing(ts)):
                        leaving = ops.REASON_TRACING
                        break
                else:
                    sp = told.sp
                    next = told.next
                    if i == FAILED:
                        break
                    kwnames = NULL
                    i = look_around(ts)
                    if i != GO_ON:
                        leaving = i
                        break

            if ADAPTIVE_STRESS:
                leaving = stress_tick(ts, frame, state, next, sp)
                if unlikely(leaving != GO_ON):
                    break
            if ADAPTIVE_STATS:
                count_unit(ts, state, next, &place)
            # Not through `op`: no arm needs it, and so no arm keeps it.
            coming = load_op(next)
            fetched = load_arg(next)
            next += 1
            arms.go_to(coming)

        if leaving >= 0:
            i = leaving
            leaving = FAILED
            if unlikely(check_frame(ts, frame, state, next, sp) != GO_ON):
                # Nothing on its stack can be trusted, not even to be dropped.
                add_traceback(ts, frame)
                host_give_stack(frame, host_stack_base(frame))
                result = NULL
                arms.to_RETURN_TO_CALLER()
            if ADAPTIVE_STATS:
                count_left(ts, state, next, &place)
            target = rest_of_test(state, next, sp)
            if target is not NULL:
                next = target
                sp -= 1
                Py_DECREF(sp[0])
            if kwnames is NULL and at_boundary(state, next):
                result = hand_over(ts, frame, state, next, sp, i)
                # As the frame was before, so that it returns like any other.
                host_count_recursion(ts)
                host_set_current_frame(ts, frame)
                arms.to_RETURN_TO_CALLER()
            if ADAPTIVE_STATS:
                count_unit(ts, state, next, &place)
            op = unit_op(next[0])
            fetched = unit_arg(next[0])
            next += 1
            continue

        leaving = FAILED
        kwnames = NULL
        if not reraised:
            add_traceback(ts, frame)
            if unlikely(host_has_tracefunc(ts)):
                host_trace_event(ts, frame, PyTrace_EXCEPTION)
        if unlikely(watching_exceptions):
            tell_passing(ts, frame, state, next, reraised)
        reraised = False
        base = host_stack_base(frame)
        handler = find_handler(state, <int>(next - 1 - state.units))
        if handler is NULL:
            drop(base, sp)
            if unlikely(watching_exceptions):
                tell_exception(ts, frame, state, next, ops.EVENT_PY_UNWIND)
            host_give_stack(frame, base)
            if unlikely(host_tracing(ts)):
                host_trace_event(ts, frame, PyTrace_RETURN)
            result = NULL
            arms.to_RETURN_TO_CALLER()
        base += handler.depth
        drop(base, sp)
        sp = base
        if handler.lasti:
            sp[0] = PyLong_FromLong(host_executing(frame))
            sp += 1
        sp[0] = caught_exception()
        sp += 1
        next = state.units + handler.target
        if unlikely(watching_exceptions):
            if tell_handled(ts, frame, state, next, sp[-1]) < 0:
                sp = leave_handler(ts, state, next, sp)
                next += 1
                reraised = SILENT
                arms.to_UNWIND()
        if unlikely(host_tracing(ts)):
            leaving = ops.REASON_TRACING
            arms.to_LEAVE()
        if ADAPTIVE_STATS:
            count_unit(ts, state, next, &place)
        op = unit_op(next[0])
        fetched = unit_arg(next[0])
        next += 1


cdef inline PyObject *enter(
    PyThreadState *ts, HostFrame *frame, int throwflag, bint copies
) noexcept nogil:
    """Runs a frame that the host has made, or lets the host run it."""
    cdef CodeState *state = state_of(frame.f_code)
    if unlikely(host_tracing(ts)):
        counts.frames_host[ops.REASON_TRACING] += 1
        return previous_hook(ts, frame, throwflag)
    if unlikely(own_thread is ts):
        return previous_hook(ts, frame, throwflag)
    if unlikely(state is NULL or state.status != READY or
                not (run_everything or state.marked)):
        state = warm(frame.f_code, run_everything)
        if state is NULL:
            counts.frames_host[left_reason] += 1
            return previous_hook(ts, frame, throwflag)
    if copies:
        state = own_copy(ts, state)
        if unlikely(state is NULL):
            counts.frames_host[ops.REASON_NO_COPY] += 1
            return previous_hook(ts, frame, throwflag)
    return run(ts, frame, state, throwflag)


cdef PyObject *enter_slowly(
    PyThreadState *ts, HostFrame *frame, int throwflag
) noexcept nogil:
    """`enter` where threads have no copies."""
    return enter(ts, frame, throwflag, False)


cdef PyObject *eval_frame(
    PyThreadState *ts, HostFrame *frame, int throwflag
) noexcept nogil:
    """The hook: every frame that the host is about to run comes here (PEP 523).

    The usual case by itself, so that it needs no registers and no stack.
    """
    cdef CodeState *state = known_state(frame.f_code)
    if likely(
        state is not NULL and state.status == READY and run_everything
        and own_thread is not ts and not host_tracing(ts)
    ):
        return run(ts, frame, state, throwflag)
    return enter_slowly(ts, frame, throwflag)


include "actions/copies.pxi"
include "actions/instrumenting.pxi"
include "actions/tools.pxi"
include "actions/switching.pxi"
include "actions/program.pxi"
