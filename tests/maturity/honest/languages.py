"""Four languages in which honest repositories are written: source, tests, tools and CI."""

from collections.abc import Callable
from dataclasses import dataclass

_PINS = "11bd71901bbe5b1630ceea73d27597364c9af683"


@dataclass(frozen=True)
class Language:
    """How a language lays out a project. `files` takes the product's name and noun."""

    name: str
    source: str
    tests: str
    test_command: str
    lint_command: str
    files: Callable[[str, str], dict[str, str]]
    setup: str


def _python(name: str, noun: str) -> dict[str, str]:
    tests = f"""\
import pytest

from {name}.core import Store, total


def test_total_of_nothing_is_zero():
    assert total([]) == 0


def test_total_adds_up():
    assert total([2, 3, 5]) == 10


def test_a_{noun}_can_be_found_again():
    store = Store()
    store.add("a", 3)
    assert store.get("a") == 3


def test_an_unknown_{noun}_is_refused():
    with pytest.raises(KeyError):
        Store().get("missing")


@pytest.mark.parametrize("amount", [-1, -7])
def test_a_negative_{noun}_is_refused(amount):
    with pytest.raises(ValueError, match="below zero"):
        Store().add("a", amount)


def test_the_report_is_sorted():
    store = Store()
    store.add("b", 1)
    store.add("a", 2)
    assert [line for line in store.report()] == ["a 2", "b 1"]
"""
    source = f'''\
"""The {noun}s of {name}."""


def total(amounts):
    """Return the sum of some amounts."""
    return sum(amounts)


class Store:
    """Holds each {noun} by its name."""

    def __init__(self):
        self._held = {{}}

    def add(self, name, amount):
        """Keep a {noun}; raises ValueError below zero."""
        if amount < 0:
            raise ValueError("below zero")
        self._held[name] = self._held.get(name, 0) + amount

    def get(self, name):
        """Return what is held under a name."""
        return self._held[name]

    def report(self):
        """Yield one line for each {noun}."""
        for name in sorted(self._held):
            yield f"{{name}} {{self._held[name]}}"
'''
    return {
        f"src/{name}/__init__.py": "",
        f"src/{name}/core.py": source,
        "tests/test_core.py": tests,
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.4.0"\ndependencies = '
        f'["httpx>=0.27"]\n\n'
        '[tool.ruff.lint]\nselect = ["E", "F", "B", '
        '"I"]\n\n[tool.coverage.report]\nfail_under = 85\n',
        "uv.lock": 'version = 1\n\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n'
        'source = { registry = "https://pypi.org/simple" }\n\n'
        f'[[package]]\nname = "{name}"\nversion = "1.4.0"\nsource = {{ editable = "." }}\n'
        'dependencies = [{ name = "httpx" }]\n',
    }


def _typescript(name: str, noun: str) -> dict[str, str]:
    return {
        "src/core.ts": f"""\
/** Sums amounts. */
export function total(amounts: number[]): number {{
  return amounts.reduce((sum, each) => sum + each, 0);
}}

/** Holds each {noun} by its name. */
export class Store {{
  private held = new Map<string, number>();

  add(name: string, amount: number): void {{
    if (amount < 0) throw new RangeError("below zero");
    this.held.set(name, (this.held.get(name) ?? 0) + amount);
  }}

  get(name: string): number | undefined {{
    return this.held.get(name);
  }}
}}
""",
        "src/core.test.ts": f"""\
import {{ describe, expect, it }} from "vitest";
import {{ Store, total }} from "./core";

describe("{noun}s", () => {{
  it("sums nothing to zero", () => {{
    expect(total([])).toBe(0);
  }});
  it("adds up", () => {{
    expect(total([2, 3, 5])).toBe(10);
  }});
  it("finds a {noun} again", () => {{
    const store = new Store();
    store.add("a", 3);
    expect(store.get("a")).toBe(3);
  }});
  it("keeps adding to the same name", () => {{
    const store = new Store();
    store.add("a", 3);
    store.add("a", 4);
    expect(store.get("a")).toEqual(7);
  }});
  it("refuses what is below zero", () => {{
    expect(() => new Store().add("a", -1)).toThrow("below zero");
  }});
}});
""",
        "package.json": f'{{"name": "{name}", "version": "1.4.0", "type": "module", "scripts": '
        '{"test": "vitest run", "lint": "eslint src", "build": "tsc"}, '
        '"devDependencies": {"vitest": "^2.1.0", "eslint": "^9.0.0", "typescript": "^5.6.0"}}\n',
        "package-lock.json": f'{{"name": "{name}", "version": "1.4.0", "lockfileVersion": 3, '
        '"packages": '
        f'{{"": {{"name": "{name}", "devDependencies": {{"vitest": "^2.1.0", "eslint": "^9.0.0", '
        '"typescript": "^5.6.0"}}, "node_modules/vitest": {"version": "2.1.4"}, '
        '"node_modules/eslint": {"version": "9.14.0"}, "node_modules/typescript": '
        '{"version": "5.6.3"}}}\n',
        ".eslintrc.json": '{"extends": "eslint:recommended", "rules": {"eqeqeq": "error", '
        '"no-var": "error"}}\n',
    }


def _go(name: str, noun: str) -> dict[str, str]:
    return {
        "go.mod": f"module example.org/{name}\n\ngo 1.23\n\nrequire golang.org/x/text v0.20.0\n",
        "go.sum": "golang.org/x/text v0.20.0 h1:gK/Kv2otX8gz+wn7Rmb3vT96ZwuoxnQlY+HlJVj7Qug=\n"
        "golang.org/x/text v0.20.0/go.mod h1:D4IsuqiFMhST5bX19pQ9ikHC2GsaKyk/oF+pn3ducp4=\n",
        "internal/core/core.go": f"""\
// Package core holds the {noun}s of {name}.
package core

import "errors"

// ErrBelowZero refuses what is less than nothing.
var ErrBelowZero = errors.New("below zero")

// Store holds each {noun} by its name.
type Store struct {{ held map[string]int }}

// New returns an empty store.
func New() *Store {{ return &Store{{held: map[string]int{{}}}} }}

// Add keeps a {noun}.
func (s *Store) Add(name string, amount int) error {{
	if amount < 0 {{
		return ErrBelowZero
	}}
	s.held[name] += amount
	return nil
}}

// Get returns what is held under a name.
func (s *Store) Get(name string) int {{ return s.held[name] }}
""",
        "internal/core/core_test.go": """\
package core

import (
	"errors"
	"testing"
)

func TestAddKeeps(t *testing.T) {
	s := New()
	if err := s.Add("a", 3); err != nil {
		t.Fatal(err)
	}
	if got := s.Get("a"); got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

func TestAddSums(t *testing.T) {
	s := New()
	_ = s.Add("a", 3)
	_ = s.Add("a", 4)
	if got := s.Get("a"); got != 7 {
		t.Errorf("got %d, want 7", got)
	}
}

func TestUnknownIsZero(t *testing.T) {
	if got := New().Get("b"); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
}

func TestBelowZeroIsRefused(t *testing.T) {
	if err := New().Add("a", -1); !errors.Is(err, ErrBelowZero) {
		t.Errorf("got %v", err)
	}
}

func TestRefusedChangesNothing(t *testing.T) {
	s := New()
	_ = s.Add("a", -1)
	if got := s.Get("a"); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
}
""",
        ".golangci.yml": "linters:\n  enable: [errcheck, govet, staticcheck, revive]\n",
    }


def _rust(name: str, noun: str) -> dict[str, str]:
    return {
        "Cargo.toml": f'[package]\nname = "{name}"\nversion = "1.4.0"\nedition = "2021"\n\n'
        '[dependencies]\nserde = "1.0"\n\n[lints.clippy]\npedantic = "warn"\n',
        "Cargo.lock": f'version = 3\n\n[[package]]\nname = "{name}"\nversion = "1.4.0"\n'
        'dependencies = ["serde"]\n\n[[package]]\nname = "serde"\nversion = "1.0.215"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
        "src/lib.rs": f"""\
//! The {noun}s of {name}.
use std::collections::BTreeMap;

/// Holds each {noun} by its name.
#[derive(Default)]
pub struct Store {{
    held: BTreeMap<String, i64>,
}}

impl Store {{
    /// Keeps a {noun}; refuses what is below zero.
    pub fn add(&mut self, name: &str, amount: i64) -> Result<(), String> {{
        if amount < 0 {{
            return Err("below zero".into());
        }}
        *self.held.entry(name.into()).or_insert(0) += amount;
        Ok(())
    }}

    /// Returns what is held under a name.
    pub fn get(&self, name: &str) -> Option<i64> {{
        self.held.get(name).copied()
    }}
}}
""",
        "tests/store.rs": f"""\
use {name}::Store;

#[test]
fn keeps_what_was_added() {{
    let mut store = Store::default();
    store.add("a", 3).unwrap();
    assert_eq!(store.get("a"), Some(3));
}}

#[test]
fn sums_under_one_name() {{
    let mut store = Store::default();
    store.add("a", 3).unwrap();
    store.add("a", 4).unwrap();
    assert_eq!(store.get("a"), Some(7));
}}

#[test]
fn knows_nothing_of_others() {{
    assert_eq!(Store::default().get("b"), None);
}}

#[test]
fn refuses_below_zero() {{
    assert!(Store::default().add("a", -1).is_err());
}}

#[test]
fn refused_changes_nothing() {{
    let mut store = Store::default();
    let _ = store.add("a", -1);
    assert_eq!(store.get("a"), None);
}}
""",
    }


LANGUAGES = (
    Language("python", "src/{name}/core.py", "tests/test_core.py", "uv run --locked pytest",
             "uv run --locked ruff check .", _python, "uv sync --locked"),
    Language("typescript", "src/core.ts", "src/core.test.ts", "npm test", "npm run lint",
             _typescript, "npm ci"),
    Language("go", "internal/core/core.go", "internal/core/core_test.go", "go test ./...",
             "golangci-lint run", _go, "go mod download"),
    Language("rust", "src/lib.rs", "tests/store.rs", "cargo test --locked",
             "cargo clippy --locked -- -D warnings", _rust, "cargo fetch --locked"),
)  # fmt: skip


def workflow(language: Language) -> str:
    """Return a CI file that lints and tests every change, and whose failure counts."""
    return (
        "name: CI\non:\n  push: {branches: [main]}\n  pull_request:\npermissions:\n  "
        "contents: read\n"
        "jobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: actions/checkout@{_PINS} # v4.2.2\n"
        f"      - run: {language.setup}\n"
        f"      - name: Lint\n        run: {language.lint_command}\n"
        f"      - name: Test\n        run: {language.test_command}\n"
    )
