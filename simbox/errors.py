"""What a user can mend, each kind with the exit code the program ends with.

0 done · 1 a bug · 2 usage · 3 done, but the answer is incomplete · 4 a feed was refused by its limit, or a file of it
5 input unusable, nothing written · 6 configuration · 7 another run holds the lock
8 verification failed or store damaged · 130, 143 interrupted
"""

from collections.abc import Sequence

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_INCOMPLETE = 3
EXIT_REFUSED = 4
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class SimboxError(Exception):
    """Something the user can mend; its message names every problem at once and holds no identifier of a SIM."""

    exit_code = EXIT_BUG

    def __init__(self, summary: str, problems: Sequence[str] = ()) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        super().__init__("\n".join([summary, *(f"  - {problem}" for problem in self.problems)]))


class UsageError(SimboxError):
    """The command was called with something it can't take."""

    exit_code = 2


class FeedRefusedError(SimboxError):
    """Every feed passed one of its limits or could not be read; nothing was written."""

    exit_code = 4


class InputError(SimboxError):
    """The input can't be used; nothing was written."""

    exit_code = 5


class ConfigError(SimboxError):
    """simbox.toml, an operator's profile or a scenario says something that can't be meant."""

    exit_code = 6


class LockedError(SimboxError):
    """Another run works on the same store or output."""

    exit_code = 7


class DamagedError(SimboxError):
    """A store, a run or a case bundle does not hold what its manifest says."""

    exit_code = 8
