"""Answer an agent's hook: ask the supervisor of the run this agent belongs to.

An agent waits for this answer before every tool call, so this file imports four small standard
modules and nothing of Pawl's, and is also run as a script by itself. It never says *allow*:
saying nothing leaves the decision to the agent's own rules. When the supervisor cannot be asked
the call is refused (exit status 2): a policy that is not enforced must not look like one that is.
"""

import json
import os
import socket
import sys

_PATIENCE_S = 10.0
_MAX_BYTES = 8 * 1024 * 1024
_REFUSE = 2  # What the agents take for a refusal, with the reason on stderr.


def answer(arguments: list[str]) -> int:
    """Answer one hook from stdin, and return the exit status.

    Outside a supervised run there is nobody to ask and nothing to enforce: exit 0, no output.
    """
    path = os.environ.get("PAWL_HOOK_SOCKET")
    if not path:
        return 0
    if arguments != ["pre-tool-use"]:
        return _refuse(f"pawl hook knows pre-tool-use, not {' '.join(arguments)!r}")
    body = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(body) > _MAX_BYTES:
        return _refuse("the tool's input is too large to be checked")
    try:
        reply = json.loads(_ask(path, os.environ.get("PAWL_HOOK_TOKEN", ""), body))
        allowed, reason = reply["allow"] is True, str(reply.get("reason", ""))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return _refuse(f"the supervisor of this run did not answer ({error or 'hung up'})")
    if not allowed:
        decision = {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }
        print(json.dumps({"hookSpecificOutput": decision}))
    return 0


def _ask(path: str, token: str, body: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE_S)
        connection.connect(path)
        connection.sendall(token.encode() + b"\n" + body)
        connection.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := connection.recv(65536):
            reply += piece
        return reply


def _refuse(reason: str) -> int:
    print(f"Refused by pawl: {reason}.", file=sys.stderr)
    return _REFUSE


def __getattr__(name: str) -> object:
    """Make the click command when the command line asks for it, and not before."""
    if name != "command":
        raise AttributeError(name)
    import click

    @click.command("hook")
    @click.argument("event", type=click.Choice(["pre-tool-use"]))
    @click.pass_context
    def command(context: click.Context, event: str) -> None:
        """Answer an agent's hook (agents call this, people do not).

        Reads the hook's JSON on stdin. Prints a denial with its reason, or nothing, which leaves
        the decision to the agent's own rules. Exits 2 when the supervisor cannot be asked.
        """
        context.exit(answer([event]))

    return command


if __name__ == "__main__":
    raise SystemExit(answer(sys.argv[1:]))
