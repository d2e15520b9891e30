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
I5  A pointer is only cached where its guard keeps it alive.

A handler takes the stack pointer and returns the new one, or NULL with an exception and
its operands still on the stack for the unwinder.  An arm ends by falling out of the
chain (fetch the next unit), by `continue` (dispatch again under another opcode), or by
`break` (the frame goes to the host for reason `leaving`, or an exception passes).
"""

from adaptive cimport _ops as ops
from adaptive._cache cimport CodeUnits, unit_arg, unit_op
from adaptive._host cimport *

cdef extern from *:
    const int ADAPTIVE_STRESS

# What `leaving` says besides a reason to hand the frame to the host.
cdef enum:
    GO_ON = -2
    FAILED = -1

ctypedef struct Counts:
    unsigned long long frames_engine
    unsigned long long calls_inlined
    unsigned long long calls_through_host
    unsigned long long lowered
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
cdef PyObject *empty_tuple = NULL   # strong
cdef initproc python_init = NULL    # tp_init of classes with a Python-level __init__

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
include "families/binary_op.pxi"
include "families/compare_op.pxi"
include "families/contains_op.pxi"
include "families/to_bool.pxi"
include "families/load_attr.pxi"
include "families/store_attr.pxi"
include "families/store_subscr.pxi"
include "families/for_iter.pxi"
include "families/send.pxi"
include "families/call.pxi"
include "actions/stress.pxi"


cdef int look_closer(PyThreadState *ts) noexcept nogil:
    """Does what is pending; GO_ON, FAILED, or why frames must go to the host."""
    cdef int outcome = GO_ON
    if host_work_pending(ts):
        outcome = do_pending_work(ts)
    if outcome == GO_ON and host_tracing(ts):
        return ops.REASON_TRACING
    return outcome


cdef inline int look_around(PyThreadState *ts) noexcept nogil:
    """What the host does after calls, on backward jumps and at function entry."""
    if likely(not host_work_pending(ts)) and likely(not host_tracing(ts)):
        return GO_ON
    return look_closer(ts)


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
    elif op == ops.BUILD_SLICE:
        return build_slice(sp, oparg)
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
    elif op == ops.CHECK_EXC_MATCH:
        return check_exc_match(sp)
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
    # No lowering makes another unit, so the switch needs no bounds check.
    unreachable()
    return NULL


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
        PyObject **base = NULL
        PyObject *value
        PyObject *result = NULL
        PyObject *made
        PyObject *kwnames = NULL        # between KW_NAMES and its call
        int op, oparg = 0, i
        int leaving = FAILED
        bint reraised = False           # the traceback has this frame already
        Py_ssize_t count
        PySendResult sent
        PyObject *received              # its own, so that `value` stays in a register

    host_link_entry(ts, frame)
    if unlikely(host_enter_recursion(ts) < 0):
        host_set_current_frame(ts, frame.previous)
        return NULL
    counts.frames_engine += 1
    sp = host_take_stack(frame)
    if unlikely(throwflag):
        next = state.units + unit_of(state, host_executing(frame)) + 1
        op = ops.UNWIND
    else:
        next = state.units
        if host_next(frame) > 0:
            next += unit_of(state, host_next(frame))
        op = unit_op(next[0])
        oparg = unit_arg(next[0])
        next += 1

    while True:
        while True:
            if op == ops.LOAD_FAST_CHECK:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_local(frame, oparg)
                    break
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == ops.LOAD_CONST:
                value = (<PyTupleObject *>frame.f_code.co_consts).ob_item[oparg]
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == ops.STORE_FAST:
                value = frame.localsplus[oparg]
                sp -= 1
                frame.localsplus[oparg] = sp[0]
                if value is not NULL:
                    if unlikely(Py_REFCNT(value) == 1):
                        sync(frame, state, next)
                    Py_DECREF(value)
            elif op == ops.LOAD_FAST:
                value = frame.localsplus[oparg]
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == ops.DELETE_FAST:
                value = frame.localsplus[oparg]
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_local(frame, oparg)
                    break
                frame.localsplus[oparg] = NULL
                release(value, frame, state, next)
            elif op == ops.POP_TOP:
                sp -= 1
                if unlikely(Py_REFCNT(sp[0]) == 1):
                    sync(frame, state, next)
                Py_DECREF(sp[0])
            elif op == ops.PUSH_NULL:
                sp[0] = NULL
                sp += 1
            elif op == ops.COPY:
                value = sp[-oparg]
                Py_XINCREF(value)
                sp[0] = value
                sp += 1
            elif op == ops.SWAP:
                value = sp[-1]
                sp[-1] = sp[-oparg]
                sp[-oparg] = value
            elif op == ops.NOP or op == ops.CACHE:
                pass
            elif op == ops.EXTENDED_ARG:
                op = unit_op(next[0])
                oparg = oparg << 8 | unit_arg(next[0])
                next += 1
                continue
            elif op == ops.RESUME:
                if oparg < 2:
                    sync(frame, state, next)
                    leaving = look_around(ts)
                    if unlikely(leaving != GO_ON):
                        break
            elif op == ops.TO_BOOL:
                value = sp[-1]
                if value is not Py_True and value is not Py_False:
                    sync(frame, state, next)
                    if unlikely(to_bool(sp, False) is NULL):
                        break
                next += ops.TO_BOOL_CACHE
            elif op == ops.UNARY_NOT:
                sync(frame, state, next)
                top = to_bool(sp, True)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.POP_JUMP_IF_FALSE:
                sp -= 1
                value = sp[0]
                next += ops.POP_JUMP_IF_FALSE_CACHE
                if value is Py_False:
                    next += oparg
                Py_DECREF(value)
            elif op == ops.POP_JUMP_IF_TRUE:
                sp -= 1
                value = sp[0]
                next += ops.POP_JUMP_IF_TRUE_CACHE
                if value is Py_True:
                    next += oparg
                Py_DECREF(value)
            elif op == ops.POP_JUMP_IF_NONE:
                sp -= 1
                value = sp[0]
                release(value, frame, state, next)
                next += ops.POP_JUMP_IF_NONE_CACHE
                if value is Py_None:
                    next += oparg
            elif op == ops.POP_JUMP_IF_NOT_NONE:
                sp -= 1
                value = sp[0]
                release(value, frame, state, next)
                next += ops.POP_JUMP_IF_NOT_NONE_CACHE
                if value is not Py_None:
                    next += oparg
            elif op == ops.JUMP_IF_FALSE_OR_POP:
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
            elif op == ops.JUMP_IF_TRUE_OR_POP:
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
            elif op == ops.JUMP_FORWARD:
                next += oparg
            elif op == ops.JUMP_BACKWARD:
                sync(frame, state, next)
                next += ops.JUMP_BACKWARD_CACHE - oparg
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == ops.JUMP_BACKWARD_NO_INTERRUPT:
                next -= oparg
            elif op == ops.BINARY_OP:
                sync(frame, state, next)
                next += ops.BINARY_OP_CACHE
                if oparg == ops.NB_SUBSCR:
                    entered = push_getitem(ts, sp, &callee)
                    if entered is not NULL:
                        sp -= 2
                        op = ops.ENTER_FRAME
                        continue
                top = binary_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.COMPARE_OP:
                sync(frame, state, next)
                top = compare_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.COMPARE_OP_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.CONTAINS_OP:
                sync(frame, state, next)
                top = contains_op(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.CONTAINS_OP_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.IS_OP:
                sync(frame, state, next)
                sp = replace_two(sp, new_bool((sp[-2] is sp[-1]) ^ oparg))
            elif op == ops.LOAD_ATTR:
                sync(frame, state, next)
                value = name_at(frame, oparg >> 1)
                top = load_method(sp, value) if oparg & 1 else load_attr(sp, value)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.LOAD_ATTR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.STORE_ATTR:
                sync(frame, state, next)
                top = store_attr(sp, name_at(frame, oparg))
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_ATTR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.LOAD_GLOBAL:
                sync(frame, state, next)
                top = load_global(sp, frame, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.LOAD_GLOBAL_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.STORE_SUBSCR:
                sync(frame, state, next)
                top = store_subscr(sp)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.STORE_SUBSCR_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.UNPACK_SEQUENCE:
                sync(frame, state, next)
                top = unpack_sequence(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                next += ops.UNPACK_SEQUENCE_CACHE
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.GET_ITER:
                sync(frame, state, next)
                top = replace_one(sp, PyObject_GetIter(sp[-1]))
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break
            elif op == ops.FOR_ITER:
                sync(frame, state, next)
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
            elif op == ops.KW_NAMES:
                kwnames = (<PyTupleObject *>frame.f_code.co_consts).ob_item[oparg]
            elif op == ops.CALL or op == ops.CALL_KW:
                sync(frame, state, next)
                count = ops.CALL_CACHE if kwnames is NULL else ops.CALL_KW_CACHE
                next += count
                base = sp - oparg - 2
                count = open_method(base, oparg) - keyword_count(kwnames)
                entered = push_callee(ts, base, count, kwnames, &callee)
                if entered is not NULL:
                    kwnames = NULL
                    if record_of(entered, callee).kept is NULL:
                        i = host_index(state, next - 1)
                        host_set_calling(frame, state.first, i)
                        sp = base
                    op = ops.ENTER_FRAME
                    continue
                top = call_host(base, sp, count, kwnames)
                kwnames = NULL
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == ops.CALL_FUNCTION_EX:
                sync(frame, state, next)
                if unlikely(normalize_ex_arguments(sp, oparg) < 0):
                    break
                base = sp - 3 - (oparg & 1)
                entered = push_callee_ex(ts, base, oparg, &callee)
                if entered is not NULL:
                    op = ops.ENTER_FRAME
                    continue
                top = call_host_ex(base, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
                leaving = look_around(ts)
                if unlikely(leaving != GO_ON):
                    break
            elif op == ops.ENTER_FRAME:
                # The callee is pushed and bound; what it took over is off the stack.
                host_give_stack(frame, sp)
                link_call(ts, frame, entered, callee, next, state)
                frame = entered
                state = callee
                counts.frames_engine += 1
                if unlikely(host_enter_recursion(ts) < 0):
                    host_count_recursion(ts)
                    result = NULL
                    op = ops.RETURN_TO_CALLER
                    continue
                sp = host_take_stack(frame)
                next = state.units
            elif op == ops.RETURN_VALUE:
                sp -= 1
                result = sp[0]
                sync(frame, state, next)
                host_give_stack(frame, sp)
                op = ops.RETURN_TO_CALLER
                continue
            elif op == ops.RETURN_TO_CALLER:
                # The frame is done, with `result` or an exception; its stack is stored.
                host_leave_recursion(ts)
                entered = frame.previous
                host_set_current_frame(ts, entered)
                if frame is entry:
                    return result
                record = record_of(frame, state)
                next = record.next
                base = record.kept
                made = record.made
                state = record.state
                host_clear_frame(ts, frame)
                host_pop_frame(ts, frame)
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
            elif op == ops.RETURN_GENERATOR:
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
                    op = ops.RETURN_TO_CALLER
                    continue
                # The frame's content has moved: it is popped without being cleared.
                host_leave_recursion(ts)
                record = record_of(frame, state)
                next = record.next
                base = record.kept
                made = record.made
                state = record.state
                entered = frame
                frame = frame.previous
                host_set_current_frame(ts, frame)
                host_pop_frame(ts, entered)
                sp = host_take_stack(frame)
                if unlikely(base is not NULL):
                    result = finish_kept_call(ts, base, made, sp, result)
                    if unlikely(result is NULL):
                        break
                    sp = base
                sp[0] = result
                sp += 1
            elif op == ops.YIELD_VALUE:
                sp -= 1
                result = sp[0]
                sync(frame, state, next)
                host_suspend(frame, sp)
                op = ops.RETURN_TO_CALLER
                continue
            elif op == ops.SEND:
                sync(frame, state, next)
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
            elif op == ops.END_ASYNC_FOR:
                sync(frame, state, next)
                top = end_async_for(sp)
                if top is NULL:
                    sp -= 1
                    reraised = True
                    break
                sp = top
            elif op == ops.MAKE_CELL:
                sync(frame, state, next)
                if unlikely(make_cell(frame, oparg) < 0):
                    break
            elif op == ops.COPY_FREE_VARS:
                copy_free_vars(frame, oparg)
            elif op == ops.LOAD_DEREF:
                value = PyCell_GET(frame.localsplus[oparg])
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_deref(frame, oparg)
                    break
                Py_INCREF(value)
                sp[0] = value
                sp += 1
            elif op == ops.STORE_DEREF:
                sp -= 1
                value = PyCell_GET(frame.localsplus[oparg])
                PyCell_SET(frame.localsplus[oparg], sp[0])
                if value is not NULL:
                    release(value, frame, state, next)
            elif op == ops.DELETE_DEREF:
                value = PyCell_GET(frame.localsplus[oparg])
                if unlikely(value is NULL):
                    sync(frame, state, next)
                    raise_unbound_deref(frame, oparg)
                    break
                PyCell_SET(frame.localsplus[oparg], NULL)
                release(value, frame, state, next)
            elif op == ops.LOAD_COMMON_CONSTANT:
                Py_INCREF(PyExc_AssertionError)
                sp[0] = PyExc_AssertionError
                sp += 1
            elif op == ops.BUILD_TUPLE:
                sync(frame, state, next)
                top = build_tuple(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
            elif op == ops.BUILD_LIST:
                sync(frame, state, next)
                top = build_list(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
            elif op == ops.LIST_APPEND:
                sync(frame, state, next)
                top = list_append(sp, oparg)
                if unlikely(top is NULL):
                    break
                sp = top
            elif op == ops.SET_FUNCTION_ATTRIBUTE:
                sp = set_function_attribute(sp, oparg)
            elif op == ops.CALL_INTRINSIC_2 or op == ops.CHECK_EG_MATCH:
                # Splitting an exception group is the host's, from this instruction on.
                next -= 1
                leaving = ops.REASON_EXCEPT_STAR
                break
            elif op == ops.RAISE_VARARGS:
                sync(frame, state, next)
                reraised = raise_varargs(ts, sp, oparg) == 1
                break
            elif op == ops.RERAISE:
                if oparg:
                    i = <int>PyLong_AsLong(sp[-oparg - 1])
                    host_set_executing(frame, state.first, i)
                else:
                    sync(frame, state, next)
                sp -= 1
                raise_again(sp[0])
                reraised = True
                break
            elif op == ops.PUSH_EXC_INFO:
                sp = push_exc_info(ts, sp)
            elif op == ops.POP_EXCEPT:
                sync(frame, state, next)
                sp = pop_except(ts, sp)
            elif op == ops.MATCH_MAPPING:
                sp = match_mapping(sp)
            elif op == ops.MATCH_SEQUENCE:
                sp = match_sequence(sp)
            elif op == ops.UNWIND or op == ops.LEAVE:
                break
            else:
                sync(frame, state, next)
                top = act(op, oparg, ts, frame, sp)
                if unlikely(top is NULL):
                    break
                sp = top
                if unlikely(host_tracing(ts)):
                    leaving = ops.REASON_TRACING
                    break

            if ADAPTIVE_STRESS:
                leaving = stress_tick(frame, state, next)
                if unlikely(leaving != GO_ON):
                    break
            op = unit_op(next[0])
            oparg = unit_arg(next[0])
            next += 1

        if leaving >= 0:
            i = leaving
            leaving = FAILED
            if kwnames is NULL and at_boundary(state, next):
                result = hand_over(ts, frame, state, next, sp, i)
                # As the frame was before, so that it returns like any other.
                host_count_recursion(ts)
                host_set_current_frame(ts, frame)
                op = ops.RETURN_TO_CALLER
                continue
            op = unit_op(next[0])
            oparg = unit_arg(next[0])
            next += 1
            continue

        leaving = FAILED
        kwnames = NULL
        if not reraised:
            add_traceback(ts, frame)
            if unlikely(host_has_tracefunc(ts)):
                host_trace_event(ts, frame, PyTrace_EXCEPTION)
        reraised = False
        base = host_stack_base(frame)
        handler = find_handler(state, <int>(next - 1 - state.units))
        if handler is NULL:
            drop(base, sp)
            host_give_stack(frame, base)
            if unlikely(host_tracing(ts)):
                host_trace_event(ts, frame, PyTrace_RETURN)
            result = NULL
            op = ops.RETURN_TO_CALLER
            continue
        base += handler.depth
        drop(base, sp)
        sp = base
        if handler.lasti:
            sp[0] = PyLong_FromLong(host_executing(frame))
            sp += 1
        sp[0] = caught_exception()
        sp += 1
        next = state.units + handler.target
        if unlikely(host_tracing(ts)):
            leaving = ops.REASON_TRACING
            op = ops.LEAVE
            continue
        op = unit_op(next[0])
        oparg = unit_arg(next[0])
        next += 1


cdef PyObject *eval_frame(
    PyThreadState *ts, HostFrame *frame, int throwflag
) noexcept nogil:
    """The hook: every frame that the host is about to run comes here (PEP 523)."""
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
    return run(ts, frame, state, throwflag)

include "actions/switching.pxi"
include "actions/program.pxi"
