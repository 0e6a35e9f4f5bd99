"""How test frameworks write a test, an assertion and a skip, language by language.

Sources: the manuals of Jest, Vitest, Mocha, Node's test runner, AVA, Chai; Go's `testing` and
testify; JUnit 4 and 5, AssertJ, Mockito, Kotest; Rust's book and reference; RSpec and minitest;
GoogleTest, Catch2, Check, cmocka, Unity, KUnit and the kernel's kselftest harness (read 2026-11).
"""

import re
from types import MappingProxyType
from typing import NamedTuple

from pawl.base.patterns import regex


class Dialect(NamedTuple):
    """The marks of one language's tests, as expressions over lexed code.

    `mark` finds where a test begins (`at`, and `name` where it has one). `group` recognises a mark
    that only groups tests. `skip` is sought in the mark, `skip_call` at the body's beginning.
    `asserts` finds assertions, `existence` those that only ask whether something is there,
    `arguments` what an assertion compares. `helper` is a name that says it asserts, `function`
    finds definitions. `expected` in the mark says that an error is expected. `brackets` is the
    pair that holds a test; empty where `end` closes it.
    """

    mark: re.Pattern[str]
    asserts: re.Pattern[str]
    arguments: re.Pattern[str]
    brackets: str = "{}"
    group: re.Pattern[str] | None = None
    skip: re.Pattern[str] | None = None
    skip_call: re.Pattern[str] | None = None
    existence: re.Pattern[str] | None = None
    helper: re.Pattern[str] = regex(
        r"_*(?:assert|check|verify|expect|must|should|require)\w*", re.I
    )
    function: re.Pattern[str] | None = None
    expected: re.Pattern[str] | None = None


_CALLED = regex(r"[A-Za-z][\w.!:]*\s*\((.*)\)")

_JAVASCRIPT = Dialect(
    mark=regex(
        r"(?<![\w.$])(?P<at>(?:x|f)?(?:it|test|specify|describe|context|suite)|Deno\.test)"
        r"(?:\.(?:only|skip|todo|concurrent|failing|fails|each|serial|sequential|if|skipIf|runIf))*"
        r"(?:\([^()\n]{0,500}\))?\s*(?=[(`\"])"
    ),
    group=regex(r"(?:x|f)?(?:describe|context|suite)\b"),
    brackets="()",
    skip=regex(r"^x(?:it|test|specify|describe|context)\b|\.(?:skip|todo|failing|fails)\b"),
    skip_call=regex(r"[^{]{0,200}\{\s*(?:this|t|ctx)\.skip\("),
    asserts=regex(
        r"\bexpect(?:\.soft|TypeOf)?\s*\((?=[^;]{0,400}?\)\s*\.)|\bassert(?:\.\w+)*(?:<[^;(){}]{0,200}>)?\s*\("
        r"|\.should\b|\bt\.(?:is|not|deepEqual|notDeepEqual|like|throws|throwsAsync|true|false"
        r"|truthy|falsy|regex|snapshot|assert|equal|equals|same|ok|fail)\s*\("
        r"|\bexpect\.(?:assertions|hasAssertions|unreachable)\(|\bsinon\.assert\b"
        r"|\bexpectType\s*[<(]|\bstrictEqual\s*\(|\bdeepStrictEqual\s*\(|\bthrow\s+new\b"
    ),
    existence=regex(
        r"expect\s*\(.*\)\s*\.(?:toBeDefined|not\s*\.\s*toBe(?:Null|Undefined)"
        r"|not\s*\.\s*toBe\(\s*(?:null|undefined)|to\s*\.\s*exist\b)"
        r"|assert\.(?:exists|isDefined|isNotNull)\("
    ),
    arguments=regex(r"(?:expect|assert|t\.)[\w.]*\s*\((.*)\)"),
    function=regex(r"(?:function\s+(?P<name>\w+)\s*\()"),
)
_GO = Dialect(
    mark=regex(
        r"^(?P<at>func)\s+(?:\(\s*\w+\s+\*?\w+\)\s*)?(?P<name>(?:Test|Fuzz)[A-Z_0-9]?\w*)"
        r"\(\s*\w*\s*(?:\*testing\.[TF]|)\s*\)\s*(?=\{)",
        re.MULTILINE,
    ),
    skip_call=regex(r"\{\s*\w+\.Skip(?:Now|f)?\("),
    asserts=regex(
        r"\b\w+\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require|is|qt|cmp)\.\w+\("
        r"|\b\w+\.(?:Assert|Require|Check|Equal|NoError|True|False|Contains|Len|Nil|ErrorIs)\("
        r"|\b(?:Expect|Ω|Eventually|Consistently)\(|\bpanic\("
    ),
    existence=regex(r"(?:assert|require)\.NotNilf?\("),
    arguments=regex(r"(?:assert|require)\.\w+\(\s*\w+\s*,(.*)\)"),
    helper=regex(r"(?:assert|check|verify|expect|must|should|require|test)\w*", re.I),
    function=regex(r"^func\s+(?:\([^()\n]*\)\s*)?(?P<name>[a-z]\w*)\s*[(\[]", re.MULTILINE),
)
_JVM_ASSERTS = (
    r"\bassert(?!j)\w*\s*[({]|\b(?:Assert|Assertions|Truth)\.\w+\(|\bfail\s*\(|\bverify\w*\s*[({]"
    r"|\bexpect\w*\s*\(|\bandExpect\w*\(|\.should\w*|\bshould\w+|\bStepVerifier\b|\bcheck\w+\("
    r"|\bthrow\s+new\s+AssertionError|^\s*assert\s"
)
_JAVA = Dialect(
    mark=regex(
        r"(?P<at>@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b)"
        r"(?:\s*\([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+\))?"
        r"(?:[ \t\n]|@\w++(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\))?"
        r"|[\w<>\[\],.?]++(?=[ \t\n])){0,60}+"
        r"(?P<name>\w++|\"[^\"\n]*+\")\s*\("
    ),
    skip=regex(r"@(?:Disabled|Ignore)\b|enabled\s*=\s*false"),
    expected=regex(r"\bexpected\s*="),
    asserts=regex(_JVM_ASSERTS, re.MULTILINE),
    existence=regex(r"(?:Assert(?:ions)?\.)?assertNotNull\(|assertThat\(.*\)\.isNotNull\(\)"),
    arguments=_CALLED,
    function=regex(
        r"(?:\b(?:void|fun|boolean|static|private|protected|public)\s+)(?:[\w<>\[\], ]{0,80}\s)?"
        r"(?P<name>[a-z]\w*)\s*\([^(){};]{0,300}\)[^;{}=]{0,120}\{"
    ),
)
_RUST = Dialect(
    mark=regex(
        r"(?P<at>\#\[\s*(?:\w+::)?(?:test|rstest|test_case|quickcheck|wasm_bindgen_test)\b[^\]\n]*\])"
        r"(?:\s|\#\[[^\]]{0,200}\])*(?:pub(?:\([^()]*\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*"
        r"fn\s+(?P<name>\w+)"
    ),
    skip=regex(r"\#\[\s*ignore\b"),
    expected=regex(r"\#\[\s*should_panic\b"),
    asserts=regex(
        r"\b(?:debug_)?assert\w*!\s*[(\[{]|\b\w*assert_\w+!?\s*\(|\bpanic!\s*\(|\bunreachable!\s*\("
        r"|\bexpect!\s*\[|\bprop_assert\w*!|\bcheck!\s*\(|\.assert\(\)|\.assert_\w+\(|\.success\(\)"
    ),
    existence=regex(r"assert!\s*\([^()]*(?:\([^()]*\))?[^()]*\.is_some\(\)\s*\)"),
    arguments=regex(r"\w+!\s*\((.*)\)"),
    function=regex(r"\bfn\s+(?P<name>\w+)\s*[(<]"),
)
_RUBY = Dialect(
    mark=regex(
        r"^[ \t]*(?P<at>(?:x|f)?(?:it|specify|example|test|describe|context)\b(?=[ (\"{]).*"
        r"|def\s+(?P<name>test_\w+[?!]?))",
        re.MULTILINE,
    ),
    brackets="",
    group=regex(r"\s*(?:x|f)?(?:describe|context)\b"),
    skip=regex(r"^\s*x\w|\bskip:|\bpending:|,\s*:skip\b|^\s*(?:it|specify|test)\b(?!.*(?:do|\{))"),
    skip_call=regex(r"\s*(?:skip|pending)\b"),
    asserts=regex(
        r"\bexpect\s*[({]|\bassert\w*\b|\brefute\w*\b|\bis_expected\b|\.should\b|\bmust_\w+"
        r"|\bwont_\w+|\bflunk\b|\bshould(?:_not)?\b"
    ),
    existence=regex(
        r"expect\(.*\)\.(?:not_to|to_not)\s*\(?\s*be_nil|assert_not_nil\b|refute_nil\b"
    ),
    arguments=regex(r"(?:expect\((.*)\)|assert(?:_equal)?\s+(.*))"),
    function=regex(r"^\s*def\s+(?P<name>\w+[?!]?)", re.MULTILINE),
)
_C = Dialect(
    mark=regex(
        r"^(?P<at>(?:(?:TYPED_)?TEST(?:_F|_P|_CASE|_CASE_METHOD|_SIGNAL)?|START_TEST|SCENARIO"
        r"|BOOST_AUTO_TEST_CASE)\s*\(\s*(?P<name>[^(){};\n]*)\)"
        r"|(?:static\s+)?(?:void|int)\s+(?P<function>test_+\w+|\w+_test)\s*"
        r"\(\s*(?:void|void\s*\*\*\s*\w+|struct\s+kunit\s*\*\s*\w+|)\s*\)\s*(?=\{))",
        re.MULTILINE,
    ),
    skip=regex(r"DISABLED_|\[\.\]|\[!hide\]"),
    skip_call=regex(r"\s*\{\s*(?:GTEST_SKIP|SKIP|kunit_skip|skip)\s*\("),
    asserts=regex(
        r"\b(?:ASSERT|EXPECT|CHECK|REQUIRE|BOOST_(?:CHECK|REQUIRE|TEST)|TEST_ASSERT|KUNIT_(?:EXPECT"
        r"|ASSERT|FAIL)|CU_ASSERT|FAIL|ADD_FAILURE|TEST_FAIL|TH_LOG|CATCH_REQUIRE|ZTEST)\w*\s*\("
        r"|\b(?:ck_|mu_|g_|cl_|cr_|munit_|lok_?)?assert\w*\s*\(|\bck_abort\w*\(|\bcheck\w*\s*\("
        r"|\b(?:ksft_test_result|ksft_exit_fail|perror|abort|errx?|cl_\w+|fail_if|fail_unless)\w*\s*\("
        r"|\b(?:WARN|BUG|pr_err|pr_warn|KUNIT_FAIL)\w*\s*\("
        r"|\breturn\s+(?!(?:0|TEST_OK|KSFT_PASS|EXIT_SUCCESS)?\s*;)[^;]+;|\bexit\s*\(\s*(?:1|EXIT_FAILURE)"
    ),
    existence=regex(
        r"(?:KUNIT_(?:EXPECT|ASSERT)_NOT_NULL|ck_assert_ptr_nonnull|assert_non_null)\("
    ),
    arguments=_CALLED,
    function=regex(
        r"^(?:\w[\w\s*]{0,80}\s\**)(?P<name>\w+)\s*\([^(){};]{0,400}\)\s*\{", re.MULTILINE
    ),
)

DIALECTS = MappingProxyType(
    {
        "javascript": _JAVASCRIPT,
        "typescript": _JAVASCRIPT,
        "go": _GO,
        "java": _JAVA,
        "kotlin": _JAVA,
        "rust": _RUST,
        "ruby": _RUBY,
        "c": _C,
        "cpp": _C,
    }
)
"""The languages whose tests are read by lexing."""
