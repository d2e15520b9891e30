# Quickening, and which instructions are fused.  Text of _core.pyx.

# One row of isa.FUSED: the opcodes that stand in a row, and what the first becomes.
ctypedef struct Fusion:
    int count
    int[3] parts
    int fused
    int site            # how far the adaptive instruction is that it ends with, or 0
    int otherwise       # what stands there while that is in no form that is fusible
    bint[256] fusible   # by the last one's opcode
    bint on             # it may be formed

cdef enum:
    MOST_FUSIONS = 64

cdef Fusion[MOST_FUSIONS] FUSIONS
cdef int fusion_count = 0
cdef int[256] FUSED_SITE        # by fused opcode: its row's `site`


cdef int init_fusions() except -1:
    global fusion_count
    cdef Fusion *fusion
    for parts, row in isa.FUSED.items():
        fusion = &FUSIONS[fusion_count]
        fusion.count = <int>len(parts)
        for i, name in enumerate(parts):
            fusion.parts[<int>i] = isa.NUMBER[name]
        fusion.fused = row.number
        if (parts[-1], len(parts)) in isa.FUSIBLE:
            fusion.site = fusion.count - 1
            FUSED_SITE[fusion.fused] = fusion.site
            for name in isa.FUSIBLE[parts[-1], len(parts)]:
                fusion.fusible[<int>isa.NUMBER[name]] = True
        fusion_count += 1
    return 0


cdef int choose_fusions(fused) except -1:
    """From now on only the fused instructions of these names are formed."""
    cdef Fusion *fusion
    for i, (parts, row) in enumerate(isa.FUSED.items()):
        fusion = &FUSIONS[<int>i]
        pair = isa.FUSED.get(parts[:-1]) if fusion.site else None
        fusion.on = row.name in fused
        fusion.otherwise = fusion.parts[0]
        if pair is not None and pair.name in fused:
            fusion.otherwise = pair.number
    return 0


cdef Fusion *fusion_at(uint16_t *unit, uint16_t *end) noexcept nogil:
    """The first row whose instructions begin at the unit, or NULL."""
    cdef int i, k
    for i in range(fusion_count):
        if not FUSIONS[i].on or unit + FUSIONS[i].count > end:
            continue
        k = 0
        # All but the last have no caches, so that they take one unit each.
        while (
            k < FUSIONS[i].count
            and unit_op(load_unit(unit + k)) == FUSIONS[i].parts[k]
        ):
            k += 1
        if k == FUSIONS[i].count:
            return &FUSIONS[i]
    return NULL


cdef inline bint uses_loads(Fusion *fusion) noexcept nogil:
    """Whether it ends with something else than a load or store of its own."""
    cdef int last = fusion.parts[fusion.count - 1]
    return last not in (ops.LOAD_FAST_CHECK, ops.LOAD_CONST, ops.STORE_FAST)


cdef inline int stores_done(uint16_t *unit) noexcept nogil:
    """How many STORE_FAST behind the instruction it can do itself."""
    cdef int op = unit_op(load_unit(unit))
    if op == ops.FOR_ITER:
        return 1
    return unit_arg(load_unit(unit)) if op == ops.UNPACK_SEQUENCE else 0


cdef void fuse(CodeState *state) noexcept nogil:
    """Gives the first of each row in FUSIONS its fused opcode.

    The others stay, for jumps to them and for frames that go on there.  Where the last
    instruction of a pair that only moves values begins a row that uses them, the pair
    is left for it.  A row that ends with a site waits for the site's form.  The stores
    behind an instruction that can do them too stay alone.
    """
    cdef uint16_t *unit = state.units
    cdef uint16_t *end = state.units + state.length
    cdef Fusion *fusion
    cdef Fusion *other
    cdef int op
    cdef int stores = 0
    while unit < end:
        op = unit_op(load_unit(unit))
        stores = stores_done(unit) if op != ops.STORE_FAST else stores - 1
        if op == ops.STORE_FAST and stores >= 0:
            unit += 1
            continue
        fusion = fusion_at(unit, end)
        if fusion is not NULL and not uses_loads(fusion):
            other = fusion_at(unit + 1, end)
            if other is not NULL and uses_loads(other):
                fusion = NULL
        if fusion is not NULL:
            replace_op(unit, op, fusion.otherwise if fusion.site else fusion.fused)
            unit += fusion.count - 1
            op = fusion.parts[fusion.count - 1]
        unit += 1 + CACHES[op]


cdef void fuse_site(CodeState *state, uint16_t *at, int form) noexcept nogil:
    """The loads in front of the site are fused with it if they can be in this form."""
    cdef Fusion *fusion
    cdef uint16_t *first
    cdef int i
    if form == ops.BINARY_OP_EXTEND and not row_of(at + 1).runs_nothing:
        return
    for i in range(fusion_count):
        fusion = &FUSIONS[i]
        first = at - fusion.site
        if (
            not fusion.on or not fusion.site or not fusion.fusible[form]
            or first < state.units or not at_boundary(state, first)
            or base_of_unit(first) != fusion.parts[0]
            or (fusion.count == 3 and base_of_unit(first + 1) != fusion.parts[1])
        ):
            continue
        replace_op(first, unit_op(load_unit(first)), fusion.fused)
        return


cdef void unfuse_site(CodeState *state, uint16_t *at) noexcept nogil:
    """The loads in front of the site are no longer fused with it."""
    cdef Fusion *fusion
    cdef uint16_t *first
    cdef int i
    for i in range(fusion_count):
        fusion = &FUSIONS[i]
        first = at - fusion.site
        if (
            fusion.site and first >= state.units and at_boundary(state, first)
            and unit_op(load_unit(first)) == fusion.fused
        ):
            replace_op(first, fusion.fused, fusion.otherwise)


cdef void begin_counters(CodeState *state) noexcept:
    (<CodeUnits>state.owner).begin(
        warmup_counter if specializing else counter_unreachable(),
        counter_jump() if specializing else counter_unreachable(),
    )


ctypedef void (*begin_counters_type)(CodeState *) noexcept nogil


cdef void quicken(CodeState *state) noexcept nogil:
    """Once per code object, at its first RESUME: counters begin, pairs are fused."""
    if state.quickened:
        return
    state.quickened = True
    # The lock is held: the loop only looks as if it did without.
    (<begin_counters_type>begin_counters)(state)
    if fusing and (state.watch is NULL or state.watch.instrumented == 0):
        fuse(state)
    counts.quickened += 1


cdef unsigned int take_version() noexcept nogil:
    """A number that no other code object gets; 0 when there are no more."""
    global next_code_version
    cdef unsigned int version = next_code_version
    if version != 0:
        next_code_version += 1
    return version
