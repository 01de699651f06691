"""What the people who open a case say of it."""

from typing import NamedTuple


class Header(NamedTuple):
    """Number of the case, warrant or law that it rests on, who asked for it, who made it; empty where not told."""

    case_id: str = ""
    legal_basis: str = ""
    requesting_body: str = ""
    analyst: str = ""
