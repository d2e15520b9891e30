"""What must be complete: every form has a life, every reason is given somewhere."""

from __future__ import annotations

import pytest
import test_bisect
import test_specializing
import test_versions

from adaptive import isa, reasons

from . import life

#: Quickened without a counter, so that they have tests but no life of this kind.
WITHOUT_COUNTER = {"RESUME_CHECK", "JUMP_BACKWARD_NO_JIT"}
#: Set by the recorder of traces, never by the specializer.
NOT_COMMITTED = {"JUMP_BACKWARD_JIT"}
FORMS = {row.name for forms in isa.FORMS.values() for row in forms}


def test_every_form_has_a_case() -> None:
    """S1-12, S1-13: each form is committed, hit, missed and given up by some case."""
    lived = {case.form for case in life.every("CASES")}
    assert FORMS - lived == WITHOUT_COUNTER | NOT_COMMITTED
    fused = {row.name for row in isa.FUSED.values()}
    assert lived - FORMS == fused


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_every_family_refuses(family: str) -> None:
    """S1-09: each family has a site that it gives no form."""
    assert any(refusal.family == family for refusal in life.every("REFUSALS"))


def test_every_reason_is_given() -> None:
    """Each reason of its kind is seen to be counted by some test."""
    given = {refusal.reason for refusal in life.every("REFUSALS")}
    given |= {case.after for case in life.every("CASES")} - set(isa.NUMBER)
    given |= {*test_bisect.REASONS, *test_specializing.REASONS, *test_versions.REASONS}
    declared = {row.name for row in reasons.of_kind(reasons.REFUSAL)}
    assert declared - given == set()
    assert given - declared <= {""}
