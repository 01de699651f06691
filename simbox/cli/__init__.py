"""The command line: each command parses, calls one function, prints. Heavy imports stay in command bodies."""

import signal
import sys
from importlib import import_module
from types import FrameType

import click

from simbox.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, SimboxError

COMMANDS = {
    "scan": ("simbox.cli.scan", "scan", "Find rigs in a folder of CDRs and write the seizure list."),
    "intake": ("simbox.cli.intake", "intake", "Take a folder of CDRs into a store, without judging anybody."),
    "profile": ("simbox.cli.profile", "profile", "Draft and check a profile of an operator's format."),
    "store": ("simbox.cli.store", "store", "Look at a CDR store, and keep it small."),
    "explain": ("simbox.cli.explain", "explain", "Say why a SIM stands where it stands."),
    "rig": ("simbox.cli.rig", "rig", "Tell of a rig and write its page, or the report again."),
    "export": ("simbox.cli.export", "export", "Write a run's lists, maps, graphs, blocking lists or victims."),
    "case": ("simbox.cli.case", "case", "Make the signed case bundle of a rig."),
    "verify": ("simbox.cli.verify", "verify", "Check a case bundle, also against the operators' files."),
    "custody": ("simbox.cli.custody", "custody", "Keep the log of who has a case bundle in hand."),
    "key": ("simbox.cli.key", "key", "Make and show keys that sign case bundles."),
    "match": ("simbox.cli.match", "match", "Compare the cards read at the door with a run."),
    "tables": ("simbox.cli.tables", "tables", "Print the reference of every table."),
    "config": ("simbox.cli.config", "config", "Show or check a simbox.toml."),
    "warmup": ("simbox.cli.warmup", "warmup", "Compile all kernels ahead of the first scan."),
    "synth": ("simbox.cli.synth", "synth", "Make a synthetic source folder and its truth."),
    "train": ("simbox.cli.train", "train", "Estimate the weights of the scorecard on worlds."),
    "evaluate": ("simbox.cli.evaluate", "evaluate", "Judge runs by the truth of their worlds."),
}

# The exit codes of the signals that came, in their order: the first is what the process leaves with.
_told_to_stop: list[int] = []


class Commands(click.Group):
    """A group that loads a command's module when it is called, not for --help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, or null for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="simbox")
def cli() -> None:
    """Find SIM boxes in mobile operators' call detail records."""


def main() -> None:
    """Run the command line and leave with the exit code of what happened."""
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, _interrupt)
    sys.unraisablehook = _tell_unraisable
    try:
        code = cli.main(standalone_mode=False)
    except BaseException as error:
        code = _exit_code(error)
    sys.exit(_told_to_stop[0] if _told_to_stop else code if isinstance(code, int) else 0)


def _exit_code(error: BaseException) -> int:
    """What an error leaves with, told to the user; an error that is nobody's fault but the program's is raised on."""
    if _told_to_stop:
        # A signal that meets Python called by a compiled library comes out as that library's error, of any type.
        return _told_to_stop[0]
    if isinstance(error, click.exceptions.Abort):
        return EXIT_INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, SimboxError):
        click.echo(f"simbox: {error}", err=True)
        return error.exit_code
    raise error


def _terminate(number: int, frame: FrameType | None) -> None:
    """Leave as an exception does, so that what is half written is cleared away, once: a second signal waits."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _told_to_stop.append(EXIT_TERMINATED)
    raise SystemExit(EXIT_TERMINATED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The same for Ctrl-C, which Polars passes on a second time while the first is being cleared away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _told_to_stop.append(EXIT_INTERRUPTED)
    raise KeyboardInterrupt


def _tell_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    """Say nothing where Ctrl-C, passed on a second time, meets what is already being cleared away."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
