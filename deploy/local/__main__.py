"""The local stack's commands: `python -m deploy.local COMMAND`."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from deploy.local import people
from deploy.local.output import survive_a_closed_pipe
from deploy.local.problems import StackError
from deploy.local.settings import DEFAULT_FOLDER, ROOT
from deploy.local.stack import Stack

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STARTING = ("up", "demo")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says whether it worked."""
    survive_a_closed_pipe()
    options = _parser().parse_args(arguments)
    for number in _ENDING:
        signal.signal(number, _interrupt)
    commands = {
        "up": up,
        "down": down,
        "demo": demo,
        "doctor": doctor,
        "env": env,
    }
    try:
        stack = Stack(
            Path(options.folder),
            only=options.only.split(",") if options.only else None,
            progress=lambda line: print(line, flush=True),
        )
        if options.command == "logs":
            return logs(stack, options.name, follow=not options.no_follow)
        if options.command == "status":
            return status(stack, options.name)
        if options.command == "restart":
            if options.name is None:
                raise StackError(
                    f"Say which: make restart S=gateway; there are {', '.join(stack.names())}."
                )
            stack.restart(options.name)
            return 0
        return commands[options.command](stack)
    except StackError as problem:
        print(f"\n✗ {problem.sentence}", file=sys.stderr)
        if problem.details:
            print(problem.details, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        stopped = "; everything that was started is stopped" if options.command in _STARTING else ""
        print(f"\n✗ Interrupted{stopped}.", file=sys.stderr)
        return 130


def up(stack: Stack) -> int:
    """Start everything, seeded, and leave it running."""
    if stack.running():
        print("The stack is already running.")
    else:
        print("Starting Masaha …", flush=True)
        stack.up()
    if not stack.is_whole:
        print(f"Running: {', '.join(stack.names())}")
        return 0
    print(_welcome(stack))
    return 0


def down(stack: Stack) -> int:
    """Stop everything; the data stays."""
    if not stack.settings.folder.exists():
        print("Nothing was started here, so nothing runs.")
        return 0
    stack.down()
    print("Masaha is stopped; its data is kept in", _shown(stack.settings.folder))
    return 0


def demo(stack: Stack) -> int:
    """Play the main job through the gateway; start the stack for it when it is not running."""
    from deploy.local import demo as story  # noqa: PLC0415 - only this command needs a client

    started = not stack.running()
    if started:
        print("Starting Masaha …", flush=True)
        stack.up()
    try:
        return story.play(stack.gateway_url, stack.mail_folder)
    finally:
        if started:
            print("Stopping what was started …", flush=True)
            stack.down()


def status(stack: Stack, name: str | None = None) -> int:
    """Show each process, or one, and whether it works; exit code 0 only when all of them do."""
    names = stack.names() if name is None else [stack.known(name)]
    if not stack.running():
        print("Masaha is not running.")
        last_words = _last_line(stack.log("stack"))
        if last_words:
            print("It last stopped by itself:", last_words)
        return 3
    healthy = True
    states = stack.states()
    for each in names:
        state = states[each]
        reason = stack.why_not_ready(each) if state.pid else state.state
        healthy = healthy and reason is None
        print(
            f"  {'✗' if reason else '✓'} {each:<22} pid {state.pid:<8} up {state.seconds:>6} s"
            f"  {reason or 'ready'}"
        )
    return 0 if healthy else 1


def doctor(stack: Stack) -> int:
    """Say what this machine has and lacks, and start nothing."""
    from deploy.local import checkup  # noqa: PLC0415 - only this command needs it

    findings = checkup.examine(stack.settings)
    for finding in findings:
        print(f"  {finding.sign} {finding.text}")
    return 0 if all(finding.good or finding.advice for finding in findings) else 1


def env(stack: Stack) -> int:
    """Print the settings of this stack, for a process started by hand."""
    for name, text in stack.environment.items():
        print(f"export {name}={shlex.quote(text)}")
    return 0


def logs(stack: Stack, name: str | None, follow: bool) -> int:
    """Show the end of the logs, and follow them."""
    files = [stack.log(stack.known(name))] if name else sorted(stack.settings.logs.glob("*.log"))
    there = [str(path) for path in files if path.exists()]
    if not there:
        raise StackError(f"There is no log{f' of {name}' if name else ''} yet in .local/logs.")
    words = ["tail", "-n", "40", *(["-F"] if follow else []), *there]
    try:
        code = subprocess.run(words, check=False).returncode
        return 0 if code == -signal.SIGPIPE else code  # Enough was read, as by `| head`.
    except KeyboardInterrupt:
        return 0  # The way to leave the logs.


def _welcome(stack: Stack) -> str:
    lines = [
        "",
        f"Masaha is ready:  {stack.gateway_url}",
        f"Try it by hand:   {stack.gateway_url}/docs",
        f"Sent mail:        {_shown(stack.mail_folder)}/",
        f"Logs:             {_shown(stack.settings.logs)}/   (make logs S=gateway)",
        "Stop it:          make down",
        "",
        f"Sign-ins (all with the password {people.demo_password()}):",
    ]
    lines += [
        f"  {person.email:<34} {person.role:<17} {person.name['en']:<22} {person.name['ar']}"
        for person in people.everyone()
    ]
    lines += ["", f"Service accounts (the same secret): {', '.join(people.service_accounts())}"]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--folder", default=str(DEFAULT_FOLDER), help="the stack's folder")
    parser.add_argument("--only", help="these processes alone, with commas between them")
    commands = parser.add_subparsers(dest="command", required=True)
    for function in (up, down, demo, doctor, env):
        commands.add_parser(function.__name__, help=function.__doc__)
    looked = commands.add_parser("status", help=status.__doc__)
    looked.add_argument("name", nargs="?", help="one process; all of them without it")
    shown = commands.add_parser("logs", help=logs.__doc__)
    shown.add_argument("name", nargs="?", help="one process; all of them without it")
    shown.add_argument("--no-follow", action="store_true", help="print and end")
    again = commands.add_parser("restart", help="Stop one process cleanly and start it again.")
    again.add_argument("name", nargs="?")
    return parser


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(ROOT) else str(path)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return lines[-1] if lines else ""


def _interrupt(number: int, frame: FrameType | None) -> None:
    for each in _ENDING:
        signal.signal(each, _already_stopping)  # A second Ctrl-C must not break the stopping off.
    raise KeyboardInterrupt


def _already_stopping(number: int, frame: FrameType | None) -> None:
    print("  … stopping; started work is finished first", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
