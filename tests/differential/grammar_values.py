"""Statements that bind, store and delete (notation: ``grammar.py``)."""

VALUES = """
-- assign_int 10
$I = $i

-- assign_float 3
$F = $f

-- assign_str 5
$S = $s

-- assign_list 5
$L = $l

-- assign_tuple 2
$T = $t

-- assign_dict 3
$D = $d

-- assign_set 2
$Q1 = $e
log(sorted($Q1))

-- assign_object 5
$O = $o

-- assign_wrong_kind 1
$I = $x

-- assign_chain 1
$I = $J = $i

-- annotated 1
noted: int = $i

-- annotated_only 1
late: int

-- augmented 5
$I += $i % 1000

-- augmented_other 2
$I -= $i
$I ^= $i
$I |= $i & 255

-- augmented_scaled 1
$I1 &= 65535
$I1 *= $i & 15

-- augmented_power 1
$I1 **= $i & 3
$I1 %= 1000003

-- augmented_divide 2
$I //= $i
$I %= $i

-- augmented_shift 1
$I >>= $i & 3
$I &= $i

-- augmented_float 2
$F *= $f / 2
$F /= $f

-- augmented_str 2
$S += $s[:3]

-- augmented_list 2
$L += $l[:3]

-- augmented_subscript 3
$L[$i] += $i % 1000

-- augmented_dict 2
$D[$x] += $n

-- augmented_attribute 3
$O.i += $n

-- augmented_object 1
$O += $i

-- augmented_matmul 1
$O @= $i

-- matmul 1
log(Number($i) @ $x)

-- unpack_two 3
$I, $J = $i, $i

-- unpack_swap 2
$I1, $J1 = $J1, $I1

-- unpack_list 2
$I, $J = $l

-- unpack_tuple 2
$I, $J, $K = $t

-- unpack_star 3
$I, *$L = $l

-- unpack_star_middle 1
$I, *$L, $J = $t

-- unpack_nested 1
($I, ($J, *$L)), $S = ($i, $l), $s

-- unpack_iterator 1
$I, $J = $gen

-- store_subscript 4
$L[$i] = $i

-- store_dict 3
$D[$x] = $i

-- store_slice 2
$L[$i:$i] = $l[:4]

-- store_slice_step 1
$L[::2] = $l

-- store_attribute 3
$O.i = $i

-- store_property 2
$O.p = $i

-- store_descriptor 2
$O.d = $i

-- store_new_attribute 1
$O.extra = $i

-- store_item_of_object 1
$O[$i] = $i

-- delete_name 1
del $I1
log(len(locals()))
$I1 = $i

-- delete_name_for_good 1
if $b:
    del $I

-- delete_subscript 2
del $L[$i]

-- delete_dict 1
del $D[$x]

-- delete_slice 1
del $L[$n:]

-- delete_attribute 1
del $O.i

-- delete_property 1
del $O.p
"""
