"""One test module per family, and what they share: the life of a form."""

import pytest

pytest.register_assert_rewrite("families.life")
