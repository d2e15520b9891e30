/* Atomic access to 16-bit slots: the only place that names the compiler's builtins.
 *
 * Owns: one function per ordering that _cache.pxd's contract speaks of, and the
 * compile-time assertion.  Does not own: what a slot means or which ordering it needs
 * (_cache.pxd).  On x86-64 all loads and stores here are plain moves.
 */
#ifndef ADAPTIVE_ATOMIC_H
#define ADAPTIVE_ATOMIC_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if !defined(__GNUC__)
#  error "adaptive needs a compiler with the __atomic builtins: gcc or clang."
#endif
/* The opcode is the low byte of a unit and its first byte in memory; both cannot be
 * true of a big-endian machine. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#  error "adaptive supports little-endian machines only: code units are read as bytes."
#endif
/* A locked fallback would not be per slot. */
#if __GCC_ATOMIC_SHORT_LOCK_FREE != 2
#  error "adaptive needs lock-free 16-bit atomics."
#endif

#define SLOT_INLINE static inline __attribute__((always_inline))

/* Used as a statement; the message is the condition's text. */
#define SLOT_STATIC_ASSERT(condition) \
    do { _Static_assert(condition, #condition); } while (0)

SLOT_INLINE uint16_t
slot_load_acquire(const uint16_t *slot)
{
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

SLOT_INLINE uint16_t
slot_load_relaxed(const uint16_t *slot)
{
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

/* The low and the high byte of a slot alone. */
SLOT_INLINE uint8_t
slot_low_acquire(const uint16_t *slot)
{
    return __atomic_load_n((const uint8_t *)slot, __ATOMIC_ACQUIRE);
}

SLOT_INLINE uint8_t
slot_high_relaxed(const uint16_t *slot)
{
    return __atomic_load_n((const uint8_t *)slot + 1, __ATOMIC_RELAXED);
}

/* Two and four slots at once, by one plain load.  Not atomic: for readers that hold the
 * interpreter lock, as every writer of caches does. */
SLOT_INLINE uint32_t
slots_read_u32(const uint16_t *slot)
{
    uint32_t value;
    memcpy(&value, slot, sizeof(value));
    return value;
}

SLOT_INLINE uint64_t
slots_read_u64(const uint16_t *slot)
{
    uint64_t value;
    memcpy(&value, slot, sizeof(value));
    return value;
}

SLOT_INLINE void
slot_store_relaxed(uint16_t *slot, uint16_t value)
{
    __atomic_store_n(slot, value, __ATOMIC_RELAXED);
}

/* Whether `*slot` was `*seen` and is `value` now; if not, `*seen` is what it was.
 * Release: pairs with slot_load_acquire.  Acquire as well, so that what follows a
 * success (clearing caches behind a base opcode) cannot move before it. */
SLOT_INLINE bool
slot_compare_exchange(uint16_t *slot, uint16_t *seen, uint16_t value)
{
    return __atomic_compare_exchange_n(
        slot, seen, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* Orders relaxed stores before it against the release or relaxed store after it. */
SLOT_INLINE void
slot_fence_release(void)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

#endif
