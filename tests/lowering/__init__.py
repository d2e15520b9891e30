"""Tests of the lowering."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.roundtrip")
