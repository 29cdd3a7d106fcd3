"""How a result is held against what is expected: the comparison rule of the vectors' README."""

from typing import Any

# In these maps the keys are data (groups), so that an extra one is a wrong result.
DATA_KEYS = {"weights", "buckets"}


def differences(expected: Any, actual: Any, tolerance: float, path: str = "") -> list[str]:
    """Return a line for each place where `actual` is not what is expected."""
    if isinstance(expected, dict):
        return _maps(expected, actual, tolerance, path)
    if isinstance(expected, list):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return [f"{path or 'result'}: expected {expected!r}, got {actual!r}"]
        pairs = zip(expected, actual, strict=True)
        return [line for i, (e, a) in enumerate(pairs) for line in differences(e, a, tolerance, f"{path}[{i}]")]
    return [] if _same(expected, actual, tolerance) else [f"{path or 'result'}: expected {expected!r}, got {actual!r}"]


def _maps(expected: dict[str, Any], actual: Any, tolerance: float, path: str) -> list[str]:
    if not isinstance(actual, dict):
        return [f"{path or 'result'}: expected {expected!r}, got {actual!r}"]
    lines = []
    for key, value in expected.items():
        if key not in actual:
            lines.append(f"{path}.{key}: expected {value!r}, got nothing")
        else:
            lines += differences(value, actual[key], tolerance, f"{path}.{key}".lstrip("."))
    if path.rpartition(".")[2] in DATA_KEYS and set(actual) != set(expected):
        lines.append(f"{path}: expected the groups {sorted(expected)}, got {sorted(actual)}")
    return lines


def _same(expected: Any, actual: Any, tolerance: float) -> bool:
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(actual) is type(expected) and actual == expected
    if isinstance(actual, bool) or not isinstance(actual, (int, float)):
        return False
    return abs(actual - expected) <= tolerance * max(1.0, abs(expected))
