"""`pawl run` starts its agent soon: what takes long to import waits until after that."""

import subprocess
import sys

HEAVY = {"sqlalchemy", "alembic", "duckdb", "httpx", "rich", "asyncio", "yaml", "ssl", "sqlite3"}


def test_nothing_heavy_is_imported_before_the_agent_starts() -> None:
    """At the moment of the spawn neither a store engine nor a web client is loaded."""
    code = (
        "import sys\n"
        "from pawl.world import process\n"
        "def spawn(*_, **__):\n"
        "    print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
        "    sys.stdout.flush()\n"
        "    sys.exit(0)\n"
        "process.Tree.spawn = spawn\n"
        "from pawl.cli.main import main\n"
        "main(['run', '--', 'true'])\n"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)
    loaded = set(done.stdout.split())
    assert "pawl" in loaded, done.stderr
    assert not loaded & HEAVY
