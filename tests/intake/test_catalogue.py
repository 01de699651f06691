"""Every case of the catalogue of bad inputs has a test with its number, those of binary formats and XML aside."""

import re
from pathlib import Path

BINARY = {64, 65, 66, 67, 69}


def test_every_case_has_its_test():
    files = sorted(Path(__file__).parent.glob("test_bad_*.py"))
    numbers = [
        int(number) for path in files for number in re.findall(r"^def test_(\d\d)_", path.read_text(), re.MULTILINE)
    ]
    assert set(numbers) == set(range(1, 75)) - BINARY
