"""What a test proves, by its code, in each language that is read."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.test_code import EXTRACT, CodeOfTests, read_tests
from pawl.maturity.facts.tree import TreeFile

PATHS = {
    "python": "tests/test_a.py",
    "javascript": "src/a.test.js",
    "typescript": "src/a.test.ts",
    "go": "a_test.go",
    "java": "src/test/java/ATest.java",
    "kotlin": "src/test/kotlin/ATest.kt",
    "rust": "src/a.rs",
    "ruby": "spec/a_spec.rb",
    "c": "tests/test_a.c",
    "cpp": "tests/a_test.cc",
}


def _read(language: str, text: str) -> CodeOfTests:
    found = read_tests(PATHS[language], dedent(text))
    assert found is not None
    return found


def _proof(language: str, text: str) -> str:
    found = _read(language, text)
    assert found.functions == 1, found
    if found.asserting:
        return "asserts"
    return "trusts" if found.trusting else found.hollow[0].why


PYTHON = {
    "assert f(1) == 2": "asserts",
    "x = f()\n    assert x": "asserts",
    "with pytest.raises(ValueError):\n        f()": "asserts",
    "mock.assert_called_once_with(1)": "asserts",
    "np.testing.assert_allclose(f(), 1)": "asserts",
    "for each in f():\n        assert each > 0": "asserts",
    "if f() != 3:\n        raise RuntimeError": "asserts",
    "if f() != 3:\n        pytest.fail('no')": "asserts",
    "def inner():\n        assert f()\n    run(inner)": "asserts",
    "try:\n        f()\n    except Exception:\n        pytest.fail('raised')": "asserts",
    "pytest.raises(ValueError, f)": "asserts",
    "assert_close(f(), 2)": "trusts",
    "checks.check_shape(f())": "trusts",
    "pass": "none",
    "f()": "none",
    "assert True": "constant",
    "assert 1 == 1": "constant",
    "x = 1\n    assert x == 1": "constant",
    "assert len('abc') == 3": "constant",
    "assert f() or True": "constant",
    "assert isinstance(f(), object)": "constant",
    "x = f()\n    assert x == x": "constant",
    "assert f() is not None": "existence",
    "assert hasattr(module, 'f')": "existence",
    "assert imported": "existence",
    "assert callable(imported)": "existence",
    "if False:\n        assert f() == 2": "none",
    "return\n    assert f() == 2": "none",
    "try:\n        assert f() == 2\n    except Exception:\n        pass": "none",
    "try:\n        assert f() == 2\n    except:\n        print('well')": "none",
    "with suppress(AssertionError):\n        assert f() == 2": "none",
    "for each in []:\n        assert each": "none",
    "def inner():\n        assert f()": "none",
    "pytest.skip('later')\n    assert f() == 2": "skipped",
    "'assert f() == 2'": "none",
    "# assert f() == 2\n    pass": "none",
}


@pytest.mark.parametrize(("body", "proof"), PYTHON.items())
def test_a_python_test_is_judged_by_what_could_fail(body: str, proof: str) -> None:
    """Only an assertion that the code under test decides, and that is reached, proves anything."""
    text = f"from product import imported, f\nimport module\n\ndef test_it():\n    {body}\n"
    assert _proof("python", text) == proof


def test_a_helper_of_the_same_file_is_looked_into() -> None:
    """A helper counts when it asserts, whatever its name, and only then."""
    found = _read(
        "python",
        """
        def assert_fine(x):
            print(x)

        def compare(x):
            assert x == 2

        def through(x):
            compare(x)

        def test_fooled():
            assert_fine(f())

        def test_true():
            compare(f())

        def test_indirect():
            through(f())
        """,
    )
    assert (found.functions, found.asserting, found.trusting) == (3, 2, ())
    assert found.hollow[0].name == "test_fooled"
    assert found.helpers == {"assert_fine": False}


def test_unittest_methods_and_marks() -> None:
    """unittest's assertions count, constant and existence ones and skipped tests do not."""
    found = _read(
        "python",
        """
        class Product(unittest.TestCase):
            def test_equal(self):
                self.assertEqual(f(), 2)
            def test_same(self):
                self.assertEqual(1, 1)
            def test_there(self):
                self.assertIsNotNone(f())
            def test_true(self):
                self.assertTrue(True)
            @unittest.skip("later")
            def test_skipped(self):
                self.assertEqual(f(), 2)
            @pytest.mark.xfail
            def test_expected(self):
                self.assertEqual(f(), 2)
            @pytest.mark.skipif(sys.platform == "win32", reason="posix")
            def test_posix(self):
                self.assertEqual(f(), 2)
            def helper(self):
                pass

        class NotATest:
            def test_like(self):
                pass
        """,
    )
    assert (found.functions, found.asserting, found.skipped) == (7, 2, 2)
    assert [test.why for test in found.hollow] == [
        "constant",
        "existence",
        "constant",
        "skipped",
        "skipped",
    ]
    assert found.hollow[0].line == 5


def test_a_whole_python_file_may_be_skipped() -> None:
    """`pytestmark = pytest.mark.skip` silences every test of its file."""
    found = _read(
        "python", "pytestmark = pytest.mark.skip('x')\ndef test_a():\n    assert f() == 1\n"
    )
    assert (found.asserting, found.skipped) == (0, 1)


JAVASCRIPT = {
    "it('a', () => { expect(f(1)).toBe(2); });": "asserts",
    "test.each([[1, 2]])('a %i', (a) => { assert.equal(f(a), 2); });": "asserts",
    "test('a', (t) => { t.is(f(), 2); });": "asserts",
    "it('a', async () => { await expect(f()).rejects.toThrow(); });": "asserts",
    "it('a', () => { f().should.equal(2); });": "asserts",
    "it('expect(f()).toBe(2)', () => { f(); });": "none",
    "it('a', () => { /* expect(f()).toBe(2) */ });": "none",
    "it('a', () => { expect(f()); });": "none",
    "it('a', () => { expect(true).toBe(true); });": "constant",
    "it('a', () => { expect(f).toBeDefined(); });": "existence",
    "it('a', () => { if (false) { expect(f()).toBe(2); } });": "none",
    "it.skip('a', () => { expect(f()).toBe(2); });": "skipped",
    "xit('a', () => { expect(f()).toBe(2); });": "skipped",
    "describe.skip('all', () => { it('a', () => { expect(f()).toBe(2); }); });": "skipped",
    "describe('all', () => { it('a', () => { expect(f()).toBe(2); }); });": "asserts",
    "it('a', () => { assertShape(f()); });": "trusts",
    "function assertShape(x) { log(x); }\nit('a', () => { assertShape(f()); });": "none",
    "function same(x) { expect(x).toBe(2); }\nit('a', () => { same(f()); });": "asserts",
}


@pytest.mark.parametrize(("text", "proof"), JAVASCRIPT.items())
def test_a_javascript_test_is_judged(text: str, proof: str) -> None:
    """A call of `it` or `test` is a test; what its strings and comments say proves nothing."""
    assert _proof("javascript", text) == proof
    assert _proof("typescript", text) == proof


GO = {
    "if f() != 2 { t.Errorf(`got`) }": "asserts",
    "require.Equal(t, 2, f())": "asserts",
    "t.Run(`a`, func(t *testing.T) { assert.True(t, f()) })": "asserts",
    "f()": "none",
    "t.Log(f())": "none",
    "assert.True(t, true)": "constant",
    "assert.Equal(t, 1, 1)": "constant",
    "assert.NotNil(t, f())": "existence",
    "t.Skip(`later`); if f() != 2 { t.Fatal() }": "skipped",
    "checkShape(t, f())": "trusts",
    "if false { t.Fatal() }": "none",
}


@pytest.mark.parametrize(("body", "proof"), GO.items())
def test_a_go_test_is_judged(body: str, proof: str) -> None:
    """`func TestX(t *testing.T)` is a test that fails through `t` or an assertion package."""
    assert _proof("go", f"package a\n\nfunc TestIt(t *testing.T) {{\n\t{body}\n}}\n") == proof


OTHERS = [
    ("java", "@Test\n  void adds() { assertEquals(2, f(1)); }", "asserts"),
    (
        "java",
        "@Test\n  public void adds() throws Exception { assertThat(f()).isEqualTo(2); }",
        "asserts",
    ),
    ("java", "@Test\n  void adds() { f(1); }", "none"),
    ("java", "@Test\n  void adds() { assertTrue(true); }", "constant"),
    ("java", "@Test\n  void adds() { assertNotNull(f()); }", "existence"),
    ("java", '@Test\n  @Disabled("later")\n  void adds() { assertEquals(2, f(1)); }', "skipped"),
    ("java", "@Test(expected = Bad.class)\n  public void adds() { f(1); }", "asserts"),
    ("kotlin", "@Test\n  fun adds() { assertEquals(2, f(1)) }", "asserts"),
    ("kotlin", '@Test\n  fun adds() { println("assertEquals(1, 2)") }', "none"),
    ("rust", "#[test]\nfn adds() { assert_eq!(f(1), 2); }", "asserts"),
    ("rust", "#[test]\nfn adds() { f(1); }", "none"),
    ("rust", "#[test]\nfn adds() { assert!(true); }", "constant"),
    ("rust", "#[test]\n#[ignore]\nfn adds() { assert_eq!(f(1), 2); }", "skipped"),
    ("rust", "#[tokio::test]\nasync fn adds() { assert!(f(1).await > 2); }", "asserts"),
    ("rust", "#[test]\n#[should_panic]\nfn adds() { f(1); }", "asserts"),
    ("ruby", "it 'adds' do\n  expect(f(1)).to eq(2)\nend", "asserts"),
    ("ruby", "it 'adds' do\n  f(1)\nend", "none"),
    ("ruby", "it 'adds' do\n  expect(true).to be true\nend", "constant"),
    ("ruby", "xit 'adds' do\n  expect(f(1)).to eq(2)\nend", "skipped"),
    ("ruby", "def test_adds\n  assert_equal 2, f(1)\nend", "asserts"),
    ("ruby", "def test_adds\n  # assert_equal 2, f(1)\nend", "none"),
    ("c", "START_TEST(adds)\n{\n  ck_assert_int_eq(f(1), 2);\n}\nEND_TEST", "asserts"),
    ("c", "static void test_adds(void **state)\n{\n  f(1);\n}", "none"),
    (
        "c",
        "static void test_adds(struct kunit *test)\n{\n  KUNIT_EXPECT_EQ(test, f(1), 2);\n}",
        "asserts",
    ),
    ("cpp", "TEST(Math, Adds) {\n  EXPECT_EQ(f(1), 2);\n}", "asserts"),
    ("cpp", "TEST(Math, Adds) {\n  f(1);\n}", "none"),
    ("cpp", "TEST(Math, DISABLED_Adds) {\n  EXPECT_EQ(f(1), 2);\n}", "skipped"),
    ("cpp", "TEST(Math, Adds) {\n  EXPECT_TRUE(true);\n}", "constant"),
]


@pytest.mark.parametrize(("language", "text", "proof"), OTHERS)
def test_a_test_of_another_language_is_judged(language: str, text: str, proof: str) -> None:
    """Each framework's own marks for a test, an assertion and a skip are known."""
    assert _proof(language, text) == proof


def test_a_hollow_test_is_named_with_its_line() -> None:
    """Each hollow test tells where a person should look."""
    found = _read("go", "package a\n\nfunc TestIt(t *testing.T) {\n}\n")
    assert [(each.name, each.line, each.why) for each in found.hollow] == [("TestIt", 3, "none")]
    found = _read("javascript", "\n\nit('adds numbers', () => {});\n")
    assert [(each.name, each.line) for each in found.hollow] == [("adds numbers", 3)]


def test_a_file_that_does_not_parse_says_so() -> None:
    """Broken Python is neither tested nor untested."""
    assert _read("python", "def test_a(:\n") == CodeOfTests(language="python", parsed=False)


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "-" * 100_000 + "1", "a" + ".b" * 100_000, "1" + "+1" * 50_000, "\0", "\ud800"],
    ids=["brackets", "signs", "dots", "sums", "nul", "surrogate"],
)
def test_hostile_python_is_survived(text: str) -> None:
    """Nesting that would exhaust a parser gives an answer, not a crash."""
    assert _read("python", text).functions == 0


@pytest.mark.parametrize("language", sorted(PATHS))
def test_hostile_repetition_is_read_in_bounded_time(language: str) -> None:
    """Thousands of marks that nothing closes are read, and no more than so many are judged."""
    mark = {
        "python": "def test_a(): pass\n",
        "javascript": "it('a', () => {",
        "typescript": "test(`${",
        "go": "func TestA(t *testing.T) {\n",
        "java": "@Test @A(b(c)) ",
        "kotlin": "@Test fun a() {",
        "rust": "#[test] fn a() {",
        "ruby": "it 'a' do\n",
        "c": "TEST(a, b) {\n",
        "cpp": "TEST(a, b) {\n",
    }[language]
    found = read_tests(PATHS[language], mark * 4000)
    assert found is None or found.functions <= 2000


@given(st.sampled_from(sorted(PATHS)), st.text(max_size=300))
def test_any_text_is_read_without_raising(language: str, text: str) -> None:
    """Whatever a file holds, the answer is a value."""
    found = read_tests(PATHS[language], text)
    assert found is None or 0 <= found.asserting <= found.functions


WORDS = [
    *(
        "@Test",
        "it(",
        "test(",
        "func",
        "TestA(t",
        "TEST",
        "START_TEST",
        "# [test]",
        "fn",
        "def test_a",
    ),
    *(")", "{", "}", "(", ":", ";", ".", "do", "end", "\n", "'", '"', "`", "/*", "*/", "//"),
    *("a", "assert", "expect", "=begin", 'r#"'),
]


@given(
    st.sampled_from(sorted(PATHS)),
    st.lists(st.sampled_from(WORDS), max_size=40),
)
def test_any_mixture_of_marks_is_read_without_raising(language: str, parts: list[str]) -> None:
    """Nor does a heap of a language's own words confuse the reader into raising."""
    found = read_tests(PATHS[language], " ".join(parts))
    assert found is None or 0 <= found.asserting <= found.functions


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("tests/test_a.py", True),
        ("tests/conftest.py", True),
        ("src/a.py", False),
        ("tests/fixtures/test_a.py", False),
        ("vendor/x/a_test.go", False),
        ("node_modules/x/a.test.js", False),
        ("src/lib.rs", True),
        ("README.md", False),
    ],
)
def test_only_tests_and_their_support_are_read(path: str, wanted: bool) -> None:
    """Vendored trees and fixtures are nobody's tests; Rust keeps tests beside the code."""
    assert EXTRACT.wants(TreeFile(path, 10, "0")) is wanted
