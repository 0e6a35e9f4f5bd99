"""What a change says and who answers for it: the commands before anything is out."""

from collections.abc import Callable

from pawl.base.canonical import digest
from pawl.base.errors import BadValue
from pawl.changes.approval import Approval, Said, Source
from pawl.changes.change import Change, Happened, Refusal
from pawl.changes.commands import Edit, GiveAnswer, Reject, RevokeAnswer, Submit, Withdraw
from pawl.changes.manifest import Manifest, part_digest, parts_digest
from pawl.changes.opening import found_unmanaged, open_change
from pawl.governance.permissions import may, shipped_permissions
from pawl.governance.roster import Kind, plain_identity
from pawl.services.change_ground import ChangeGround, Step, World, actor_of
from pawl.services.change_letters import letters_of
from pawl.services.change_terms import PAWL_ITSELF, By, Told
from pawl.store.records.changes import ChangeBook, command_key

Bound = tuple[str, str, str]
"""The digests of content, base and policy that an answer is about."""


class ChangeWriting(ChangeGround):
    """Open, edit, submit, answer, and end without having been out."""

    def open(self, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = "") -> Told:
        """Open a change; whoever opens it is one of its authors."""

        def begun(identity: str, now: str) -> Happened:
            return open_change(identity, manifest, authors, now, by=by.identity)

        return self._begin(manifest, by, begun, key)

    def found_unmanaged(self, manifest: Manifest, by: By, *, key: str = "") -> Told:
        """Record that something is live that was never a change here.

        It can be rolled back without a gate, so what that would bring out must have been approved.
        """

        def begun(identity: str, now: str) -> Happened:
            return found_unmanaged(identity, manifest, now, by=by.identity)

        return self._begin(manifest, by, begun, key, back=by.source != PAWL_ITSELF.source)

    def edit(
        self, id: str, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = ""
    ) -> Told:
        """Give a change other content: all approvals of it are stale."""

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            command = Edit(by=by.identity, manifest=manifest, authors=authors)
            told = command_key("edit", change.id, key)
            return self._do(book, change, command, now, by, world, told)

        return self._tell(id, by, "edit", step, key=key)

    def submit(self, id: str, by: By, *, key: str = "") -> Told:
        """Ask for a review; where nothing needs an approval it is approved at once."""

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("submit", change.id, key)
            done = self._do(book, change, Submit(by=by.identity), now, by, world, told)
            return done if isinstance(done, Refusal) else self._judged(book, done, world, now)

        return self._tell(id, by, "submit", step, facts=True, key=key)

    def answer(
        self,
        id: str,
        said: Said,
        bound: Bound,
        by: By,
        source: Source,
        source_ref: str = "",
        claimed_at: str = "",
        note: str = "",
        *,
        identity: str = "",
        key: str = "",
    ) -> Told:
        """Record an answer bound to (digest, base digest, policy digest), and judge the change.

        `identity` is whose answer it is where a service brings it, as a reader of reviews does. The
        same answer told again is one, by its `source_ref` or `key`.
        """
        of = plain_identity(identity or by.identity)

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            refused = self._weak(by, of, source, world) or self._may_answer(of, change, world, now)
            if refused:
                return refused
            told = digest([change.id, *bound, of, said, source, source_ref or key or now])
            given = Approval(
                id=f"ans-{told[:24]}",
                change=change.id,
                digest=bound[0],
                base_digest=bound[1],
                policy_digest=bound[2],
                identity=of,
                said=said,
                source=source,
                source_ref=source_ref,
                claimed_at=claimed_at or now,
                recorded_at=now,
                seq=change.version + 1,
                note=note,
            )
            command = GiveAnswer(
                answer=given,
                base_digest=world.facts.base_digest or parts_digest(change.manifest.base),
                policy_digest=world.policy.digest,
            )
            only = f"change.answered|{change.id}|{change.digest}|{given.id}"
            done = self._do(book, change, command, now, by, world, only, given.claimed_at)
            return done if isinstance(done, Refusal) else self._judged(book, done, world, now)

        # Whose answer it is must hold a role for it; whoever brings it must be known at all.
        return self._tell(id, by, "revoke", step, facts=True)

    def revoke(self, id: str, answer_id: str, by: By, *, key: str = "") -> Told:
        """Take an answer back; without it the change may be ready, where it was a no."""

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            command = RevokeAnswer(by=by.identity, answer=answer_id)
            told = command_key("revoke", change.id, key)
            done = self._do(book, change, command, now, by, world, told)
            return done if isinstance(done, Refusal) else self._judged(book, done, world, now)

        return self._tell(id, by, "revoke", step, facts=True, key=key)

    def judge(self, id: str, by: By) -> Told:
        """Approve a change in review if its gates say so now; the change itself where not."""
        return self._tell(id, by, "submit", self._judged_step(), facts=True)

    def reject(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """End a change in review with a no."""

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("reject", change.id, key)
            command = Reject(by=by.identity, reason=reason)
            return self._do(book, change, command, now, by, world, told)

        return self._tell(id, by, "reject", step, key=key)

    def withdraw(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Take a change back before it is out."""

        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            told = command_key("withdraw", change.id, key)
            command = Withdraw(by=by.identity, reason=reason)
            return self._do(book, change, command, now, by, world, told)

        return self._tell(id, by, "withdraw", step, key=key)

    def _judged_step(self) -> Step:
        def step(book: ChangeBook, change: Change, world: World, now: str) -> Told:
            return self._judged(book, change, world, now)

        return step

    def _begin(
        self,
        manifest: Manifest,
        by: By,
        begun: Callable[[str, str], Happened],
        key: str,
        *,
        back: bool = False,
    ) -> Told:
        world = self._world(manifest.scope)
        told = command_key("open", "", key)
        with self._records.writing() as book:
            known = book.told(told) if told else None
            if known is not None:
                return self._got(book, known)
            now = self._now()
            try:
                happened = begun(self._new_id("chg"), now)
            except BadValue as error:
                return Refusal(code="bad-manifest", reasons=(error.message,), hint=error.hint)
            permit = may(
                "open",
                world.person(by),
                works=(),
                scope=manifest.scope,
                authors=frozenset(),
                roster=world.roster,
                raci=world.policy.raci,
                now=now,
                table=shipped_permissions(),
            )
            if not permit.allowed:
                return Refusal(code="not-allowed", reasons=(permit.reason,))
            never = _never_approved(book, manifest) if back else ()
            if never:
                return Refusal(
                    code="not-known",
                    reasons=tuple(f"{each} was never approved as it is to be." for each in never),
                    hint="Only what was live before by a change can be what it goes back to.",
                )
            change = book.record(
                None, happened, actor_of(by), key=told, policy_digest=world.policy.digest
            )
            raci = world.policy.raci
            letters = letters_of(change, happened.type, raci, self._channels(), now)
            self._post(book, letters, now)
            return change

    def _weak(self, by: By, of: str, source: Source, world: World) -> Refusal | None:
        """Return why whoever brings an answer is not to be believed about whose it is."""
        if by.source == PAWL_ITSELF.source:
            return None
        brings = world.person(by)
        if by.assurance != "authenticated":
            why = "Whoever answers must be known for certain; a name that was typed is not."
        elif brings and brings.kind is Kind.SERVICE:
            return None
        elif of != plain_identity(by.identity):
            why = "Only a service of ours brings the answer of somebody else."
        elif source is not Source.SESSION and by.source != source.value:
            why = f"It comes from a {by.source} and not from a {source}."
        else:
            return None
        return Refusal(
            code="weak-source",
            reasons=(why,),
            hint="Sign it with a listed SSH key, review it on the code host, or sign in.",
        )

    def _may_answer(self, of: str, change: Change, world: World, now: str) -> Refusal | None:
        whose = By(identity=of, source="answer", assurance="authenticated")
        return self._refused("answer", whose, change, world, now)


def _never_approved(book: ChangeBook, manifest: Manifest) -> tuple[str, ...]:
    """Return the first components whose base no change ever brought out, or went out from.

    Also one that does not change: a rollback brings all of the base out.
    """
    names = sorted({*manifest.parts, *manifest.base})
    history = book.registry(names).history
    return tuple(
        name
        for name in names
        if part_digest(manifest.base.get(name))
        not in {
            part
            for each in history.get(name, ())
            if each.managed and each.change
            for part in (each.part, each.goes_back_to)
        }
    )[:5]
